/** Words of screens that are fetched when they are first opened, and so no part of the shell. As `index.ts` otherwise. */
import { enBroken } from './en-broken.ts';
import { enRules } from './en-rules.ts';
import { enSettle } from './en-settle.ts';
import { enThanks } from './en-thanks.ts';

export const later = { ...enBroken, ...enRules, ...enSettle, ...enThanks };
