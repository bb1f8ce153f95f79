import { describe, expect, test } from 'vitest';
import { faultWords } from '../../src/lib/app/fault-words.ts';
import { startWords } from '../../src/lib/app/start-words.ts';
import { rejectionWords, walletWords } from '../../src/lib/app/words.ts';
import { faultCodes } from '../../src/lib/protocol/faults.ts';

const all = Object.entries({ ...faultWords, ...rejectionWords, ...walletWords, ...startWords });

describe('words', () => {
  test('every fault has its sentence and no sentence lacks its fault', () => {
    expect(Object.keys(faultWords).sort()).toEqual(Object.keys(faultCodes).sort());
  });

  test.each(all)('%s says what happened and what now', (_code, words) => {
    expect(words).toMatch(/^[A-Z]/);
    expect(words).toMatch(/\.$/);
    expect(words.match(/[.;]/g)?.length ?? 0).toBeGreaterThanOrEqual(2);
    expect(words.length).toBeLessThan(260);
  });

  test.each(all)('%s says whether money or anything else was touched', (_code, words) => {
    expect(words).toMatch(/money|pa(id|yment)|sent|changed|wallet|started/i);
  });

  test('no code and no shouting leaks into a sentence', () => {
    for (const [, words] of all) expect(words).not.toMatch(/[A-Z]{4,}|_|!/);
  });
});
