/** The words in use: `en.ts`, or what another language says in their place. */
import { en } from './en.ts';
import { translated } from './translated.ts';

export const t = translated('t', en);
