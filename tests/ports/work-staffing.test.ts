import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noPace, paced, ratesOf } from '../../src/lib/adapters/work/rates.ts';
import { isSparing, workersFor } from '../../src/lib/adapters/work/staffing.ts';
import { referenceRates } from '../../src/lib/protocol/index.ts';

const surroundings = fc.record({
  cores: fc.nat(256),
  hidden: fc.boolean(),
  sparing: fc.boolean(),
});

describe('how many workers', () => {
  test.each([
    ['one core', { cores: 1, hidden: false, sparing: false }, 1],
    ['two cores', { cores: 2, hidden: false, sparing: false }, 1],
    ['a phone', { cores: 8, hidden: false, sparing: false }, 4],
    ['a phone in a pocket', { cores: 8, hidden: true, sparing: false }, 2],
    ['a phone whose battery is low', { cores: 8, hidden: false, sparing: true }, 1],
  ])('%s', (_name, device, workers) => {
    expect(workersFor(device)).toBe(workers);
  });

  test('at least one, never all cores of two or more, never more for being hidden or low', () => {
    fc.assert(
      fc.property(surroundings, (device) => {
        const workers = workersFor(device);
        expect(workers).toBeGreaterThanOrEqual(1);
        expect(workers).toBeLessThanOrEqual(Math.max(1, device.cores - 1));
        expect(workers).toBeLessThanOrEqual(
          workersFor({ ...device, hidden: false, sparing: false }),
        );
      }),
    );
  });

  test('a battery is spared when it is low and nothing charges it', () => {
    expect(isSparing({ charging: false, level: 0.2 })).toBe(true);
    expect(isSparing({ charging: true, level: 0.05 })).toBe(false);
    expect(isSparing({ charging: false, level: 0.21 })).toBe(false);
  });
});

describe('how fast they are', () => {
  test('nothing is known before anything was measured', () => {
    expect(ratesOf([noPace(), noPace()], 2)).toBeNull();
    expect(paced(null, 1_000, 0)).toBeNull();
  });

  test('the mean of those that were measured, for all there should be', () => {
    const paces = [{ ...noPace(), sha256: 1_000 }, { ...noPace(), sha256: 3_000 }, noPace()];
    const share = referenceRates.argon2id / referenceRates.sha256;
    expect(ratesOf(paces, 3)).toEqual({
      sha256: 6_000_000,
      argon2id: Math.round(6_000_000 * share),
    });
  });

  test('a scheme that was measured is not reckoned from the other', () => {
    expect(ratesOf([{ sha256: 1_000, argon2id: 10 }], 2)).toEqual({
      sha256: 2_000_000,
      argon2id: 20_000,
    });
  });

  test('comes closer to what is measured, and never overshoots', () => {
    const numbers = fc.double({ min: 0.1, max: 10 ** 6, noNaN: true });
    fc.assert(
      fc.property(numbers, numbers, numbers, (before, perMs, busyMs) => {
        const after = paced(before, perMs * busyMs, busyMs)!;
        const slack = 1e-6 * Math.max(before, perMs);
        expect(after).toBeGreaterThanOrEqual(Math.min(before, perMs) - slack);
        expect(after).toBeLessThanOrEqual(Math.max(before, perMs) + slack);
      }),
    );
  });
});
