/** What a device is told by its owner: limits, amounts in a currency, when it rests; and what is news. */
import { afterEach, describe, expect, test } from 'vitest';
import { sats } from '../../src/lib/app/format.ts';
import { later } from '../../src/lib/app/i18n/later.ts';
import { newsOf, rememberTold, toldIn, type Known } from '../../src/lib/app/news.ts';
import {
  capMsat,
  chooseNetwork,
  chosenNetwork,
  databaseOf,
  restNow,
  setCap,
} from '../../src/lib/app/settings/device.ts';
import { fiat, rateFrom, recallRate, setRate } from '../../src/lib/app/settings/fiat.svelte.ts';
import { id, job, offerMade, settlement } from './fixtures.ts';

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

afterEach(() => {
  fiat.rate = null;
});

describe('what is locked for one job', () => {
  test('has a limit on mainnet that can be raised, and none where money is play', () => {
    const device = storage();
    expect(capMsat(device, 'mainnet')).toBe(50_000_000n);
    expect(capMsat(device, 'testnet')).toBeNull();
    expect(capMsat(device, 'regtest')).toBeNull();
    expect(setCap(device, 200_000_000n)).toBe(true);
    expect(capMsat(device, 'mainnet')).toBe(200_000_000n);
    for (const odd of [0n, 999n, -5_000n, 10n ** 14n]) expect(setCap(device, odd)).toBe(false);
    expect(capMsat(device, 'mainnet')).toBe(200_000_000n);
    device.setItem('gig-gossip:cap-sats', 'much');
    expect(capMsat(device, 'mainnet')).toBe(50_000_000n);
  });
});

test('each network has a memory of its own, and what was there before stays where it was', () => {
  const device = storage();
  expect(chosenNetwork(device)).toBe('mainnet');
  chooseNetwork(device, 'testnet');
  expect(chosenNetwork(device)).toBe('testnet');
  expect(databaseOf('testnet')).not.toBe(databaseOf('mainnet'));
  expect(databaseOf('mainnet')).toBe('gig-gossip');
});

describe('amounts in a currency', () => {
  test('stand beside the sats at the rate that was typed', () => {
    const device = storage();
    expect(sats(12_400_000n)).not.toContain('(');
    setRate(device, rateFrom('eur', '60 000'));
    expect(sats(12_400_000n)).toMatch(/12,400\u00a0sats \(€7\.44\)/);
    fiat.rate = null;
    recallRate(device);
    expect(sats(100_000_000n)).toContain('€60.00');
    setRate(device, null);
    recallRate(device);
    expect(fiat.rate).toBeNull();
  });

  test.each([
    ['', '1'],
    ['EURO', '1'],
    ['EUR', '0'],
    ['EUR', '-1'],
    ['EUR', 'many'],
    ['EUR', '1e13'],
  ])('%s at %s is no rate', (currency, rate) => {
    expect(rateFrom(currency, rate)).toBeNull();
  });
});

describe('carrying', () => {
  const never = { onBattery: false, onMetered: false };
  const chosen = { onBattery: true, onMetered: true };

  test('rests where its owner wants that, and is taken up after', () => {
    const is = { carry: true, paused: false };
    expect(restNow(is, never, chosen)).toBeNull();
    expect(restNow(is, { ...never, onBattery: true }, { ...never, onBattery: true })).toBe('rest');
    expect(restNow(is, chosen, { ...never, onMetered: true })).toBe('rest');
    expect(restNow(is, chosen, never)).toBeNull();
    expect(
      restNow({ carry: false, paused: true }, chosen, { ...never, onMetered: true }),
    ).toBeNull();
    expect(restNow({ carry: false, paused: true }, chosen, never)).toBe('carry');
  });

  test('that was turned off by hand stays off', () => {
    for (const now of [never, chosen]) {
      expect(restNow({ carry: false, paused: false }, chosen, now)).toBeNull();
    }
  });
});

describe('news', () => {
  const known = (over: Partial<Known> = {}): Known => ({
    jobs: new Map(),
    offers: new Map(),
    thankYous: new Map(),
    memberships: new Map(),
    settlements: new Map(),
    ...over,
  });
  const namesOf = (over: Partial<Known>) => newsOf(known(over)).map(({ name }) => name);
  const line = { seq: 1, mine: false, text: 'At the corner, red coat', atMs: 1, delivered: true };

  test('is told for what somebody waits for, once each, and every name is its own', () => {
    const chat = [line, { ...line, seq: 2 }, { ...line, seq: 3, mine: true }];
    const matched = job({ stage: 'matched', workerSaysDone: true, chat });
    const news = newsOf(
      known({
        jobs: new Map([[id('10'), matched]]),
        offers: new Map([['o', offerMade({ stage: 'paid', chat })]]),
        settlements: new Map([['s', settlement({ stage: 'disputed' })]]),
      }),
    );
    const said = news.map(({ words }) => words);
    const { matched: found, done, message, paid, rule } = later.news;
    expect(said.sort()).toEqual([found, done, message, message, paid, rule].sort());
    expect(new Set(news.map(({ name }) => name)).size).toBe(news.length);
  });

  test('says nothing of what others wrote, who they are or where', () => {
    const chat = [line];
    const news = newsOf(
      known({ jobs: new Map([[id('10'), job({ stage: 'matched', contactText: 'Ola', chat })]]) }),
    );
    expect(news.map(({ words }) => words).join(' ')).not.toMatch(/Ola|corner|u2yh/);
  });

  test('of our own doing is none', () => {
    expect(namesOf({ jobs: new Map([[id('10'), job()]]) })).toEqual([]);
    const mine = { ...line, mine: true };
    expect(
      namesOf({ offers: new Map([['o', offerMade({ stage: 'sent', chat: [mine] })]]) }),
    ).toEqual([]);
  });

  test('that was told is remembered over a restart, and the memory is bounded', () => {
    const device = storage();
    expect(toldIn(device).size).toBe(0);
    rememberTold(device, new Set(Array.from({ length: 500 }, (_, at) => `job/${at}`)));
    expect(toldIn(device).size).toBe(300);
    expect(toldIn(device)).toContain('job/499');
  });
});
