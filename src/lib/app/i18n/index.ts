/** The words in use. A language is another file of the same shape as `en.ts`. */
import { en } from './en.ts';

export type Dictionary = typeof en;

export const t: Dictionary = en;
