/** Arabic. Digits are Latin, as places, prices and keys have them. */
import type { Translation } from '../translation.ts';
import { faults } from './faults.ts';
import { later } from './later.ts';
import { t } from './t.ts';
import { asks, ends, rejections, start, wallet } from './words.ts';

export const ar = {
  t,
  later,
  rejections,
  faults,
  wallet,
  start,
  asks,
  ends,
} satisfies Translation;
