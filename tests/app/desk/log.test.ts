import { describe, expect, test } from 'vitest';
import {
  csvOf,
  incomeRows,
  jsonOf,
  logRows,
  memberRows,
} from '../../../src/lib/app/desk/export.ts';
import { income, periodOf } from '../../../src/lib/app/desk/income.ts';
import { headHoldsUntil, nextKeyAt, revokedLately } from '../../../src/lib/app/desk/lists.ts';
import { DeskLog } from '../../../src/lib/app/desk/keeper.svelte.ts';
import {
  Known,
  lineOfCommand,
  mostLines,
  newsOfCase,
  newsOfMember,
  type LogLine,
} from '../../../src/lib/app/desk/log.ts';
import { comingOf, pastOf } from '../../../src/lib/app/desk/timeline.ts';
import { NodeModel } from '../../../src/lib/app/node-model.svelte.ts';
import type { MembershipView, SettlementView } from '../../../src/lib/app/types.ts';
import { limits } from '../../../src/lib/protocol/limits.ts';
import type { StoreEntry } from '../../../src/lib/protocol/index.ts';
import type { StoreEvent, StorePort } from '../../../src/lib/runtime/ports.ts';
import { id, payment, settlement } from '../fixtures.ts';

const now = { nowMs: 1_800_000_100_000, height: 115 };
const fee = payment({ purpose: 'network', direction: 'in', amountMsat: 10_000n });
const accepted = { ...fee, state: 'accepted' } as const;
const settled = { ...fee, state: 'settled' } as const;

function told(known: Known, one: SettlementView): readonly string[] {
  const lines = newsOfCase(one, known, now);
  for (const line of lines) known.add(line);
  return lines.map(({ did }) => did);
}

function line(over: Partial<LogLine> = {}): LogLine {
  const { nowMs: atMs, height } = now;
  return { atMs, height, by: 'desk', did: 'held', about: id('01'), detail: '', msat: '', ...over };
}

describe('the log of a case', () => {
  test('has a line for everything that came to pass, each once', () => {
    const known = new Known();
    const one = settlement({ stage: 'held', payments: [accepted] });
    expect(told(known, one)).toEqual(['promised', 'held']);
    expect(told(known, one)).toEqual([]);
    const open = { ...one, stage: 'unlocked' } as const;
    expect(told(known, open)).toEqual(['unlocked']);
    const wrong = { ...open, stage: 'disputed', claimedAt: 119, senderEvidence: 'Bad' } as const;
    expect(told(known, wrong)).toEqual(['claimed', 'senderDisputed']);
    const over = { ...wrong, stage: 'settled', reason: 'ruled', payments: [settled] } as const;
    expect(told(known, over)).toEqual(['settled', 'earned']);
    expect(told(known, over)).toEqual([]);
  });

  test('says by whose word, and at which block', () => {
    const one = settlement({
      stage: 'settled',
      reason: 'ruled',
      claimedAt: 119,
      payments: [settled],
    });
    const lines = newsOfCase(one, new Known(), now);
    const of = (did: string) => lines.find((each) => each.did === did);
    expect(of('settled')).toMatchObject({ by: 'owner', detail: 'ruled', msat: '12000000' });
    expect(of('claimed')).toMatchObject({ by: 'party', height: 119 });
    expect(of('earned')).toMatchObject({ msat: '10000' });
    // What was over before the log began is not of today.
    expect(new Set(lines.map(({ atMs }) => atMs))).toEqual(new Set([one.createdAtMs]));
    const silent = { ...one, stage: 'refunded', reason: 'no-ruling' } as const;
    const [ending] = newsOfCase(silent, new Known(), now).filter(({ did }) => did === 'refunded');
    expect(ending?.by).toBe('desk');
  });

  test('leaves out promises that nobody ever paid for, but not one that the owner called off', () => {
    expect(told(new Known(), settlement())).toEqual([]);
    expect(told(new Known(), settlement({ stage: 'expired' }))).toEqual([]);
    const off = settlement({ stage: 'aborted', reason: 'settler' });
    expect(told(new Known(), off)).toEqual(['promised', 'aborted']);
  });

  test('does not begin again what is over and older than the oldest line', () => {
    const known = new Known();
    known.droppedMs = now.nowMs;
    const over = settlement({ stage: 'settled', payments: [settled] });
    expect(told(known, over)).toEqual([]);
    expect(told(known, settlement({ stage: 'held', payments: [accepted] }))).toHaveLength(2);
  });

  test('is the file’s timeline, with what is still to come', () => {
    const one = settlement({ stage: 'disputed', decidedAt: 166 });
    const lines = [line(), line({ about: id('02') }), line({ did: 'earned' })];
    expect(pastOf(one, lines).map(({ did }) => did)).toEqual(['held']);
    expect(pastOf(one, [])).toMatchObject([{ did: 'promised', atMs: one.createdAtMs }]);
    expect(comingOf(one)).toEqual([{ name: 'ruleBy', height: 166 }]);
    expect(comingOf(settlement({ stage: 'held' })).map(({ name }) => name)).toEqual([
      'openBy',
      'decideBy',
    ]);
    expect(comingOf(settlement({ stage: 'settled' }))).toEqual([]);
  });
});

const member: MembershipView = {
  applicationId: id('ab', 16),
  publicKey: id('aa'),
  peer: id('02', 33),
  name: 'worker',
  statement: 'Ola, licence 17',
  receivedAtMs: 5,
  state: 'revoked',
  properties: [{ name: 'driving_licence', value: 'checked' }],
  reason: 'Lost it',
  batches: 1,
  audit: [
    { atMs: 5, did: 'applied', detail: '' },
    { atMs: 6, did: 'approved', detail: 'driving_licence=checked' },
    { atMs: 7, did: 'issued', detail: '' },
    { atMs: now.nowMs, did: 'revoked', detail: 'Lost it' },
  ],
};

describe('the log of a member', () => {
  test('is the node’s own record of decisions, each once', () => {
    const known = new Known();
    const lines = newsOfMember(member, known, now);
    expect(lines.map(({ did, by, atMs }) => [did, by, atMs])).toEqual([
      ['applied', 'party', 5],
      ['approved', 'owner', 6],
      ['revoked', 'owner', now.nowMs],
    ]);
    expect(lines[0]?.detail).toBe('Ola, licence 17');
    for (const each of lines) known.add(each);
    expect(newsOfMember(member, known, now)).toEqual([]);
    known.droppedMs = 6;
    expect(newsOfMember({ ...member, applicationId: id('ac', 16) }, known, now)).toHaveLength(1);
  });

  test('tells an approval by rule from one by hand', () => {
    const audit = member.audit.map((each) => ({ ...each, atMs: 5 }));
    expect(newsOfMember({ ...member, audit }, new Known(), now)[1]?.by).toBe('desk');
  });
});

test('what the owner asks is a line, what it only looks at is none', () => {
  const promiseId = settlement().promiseId;
  const ruling = { command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' } as const;
  expect(lineOfCommand(ruling, now)).toMatchObject({
    did: 'askedRule',
    by: 'owner',
    about: promiseId,
    detail: 'gig paid, network paid',
  });
  const policy = { settlerFeeMsat: 7_000n, approveAutomatically: true };
  expect(lineOfCommand({ command: 'setPolicy', policy }, now)?.detail).toBe(
    'settlerFeeMsat 7000, approveAutomatically true',
  );
  expect(lineOfCommand({ command: 'setPolicy', policy: { lossCapMsat: 1n } }, now)).toBeNull();
  const revoke = {
    command: 'revokeMembership',
    applicationId: member.applicationId,
    reason: 'x',
  } as const;
  expect(lineOfCommand({ ...revoke, atOnce: true }, now)?.did).toBe('takenBack');
  expect(lineOfCommand({ ...revoke, atOnce: false }, now)).toBeNull();
});

describe('the log on disk', () => {
  /** A disk that outlives its log, with its answers told at once. */
  function disk() {
    const kept = new Map<string, Uint8Array>();
    const open = (fails = false): StorePort => {
      let tell: (event: StoreEvent) => void = () => undefined;
      return {
        listen: (to) => {
          tell = to;
        },
        perform: (effect) => {
          const { id: at } = effect;
          if (fails) return tell({ on: 'storeFailed', id: at, reason: 'no disk' });
          if (effect.do === 'load') {
            const entries = [...kept].map(([key, value]): StoreEntry => ({ key, value }));
            return tell({ on: 'loaded', id: at, entries });
          }
          for (const { key, value } of effect.entries) {
            if (value === null) kept.delete(key);
            else kept.set(key, value);
          }
          tell({ on: 'written', id: at });
        },
      };
    };
    return { kept, open };
  }

  function open(model: NodeModel, store: StorePort, writer = 'a'): DeskLog {
    return new DeskLog(model, { store, now: () => now.nowMs, writer });
  }

  const one = settlement({ stage: 'held', payments: [accepted] });
  const late = { code: 'TOO_LATE', detail: '' } as const;

  test('is there after a restart, and says nothing twice', () => {
    const { open: reopen } = disk();
    const model = new NodeModel(() => 0);
    model.apply({ view: 'settlement', settlement: one });
    const first = open(model, reopen());
    model.send({ command: 'settlePromise', promiseId: one.promiseId });
    expect(first.lines.map(({ did }) => did)).toEqual(['promised', 'held', 'askedSettle']);
    const again = open(model, reopen(), 'b');
    again.look();
    expect(again.lines).toEqual(first.lines);
    model.apply({ view: 'settlement', settlement: { ...one, stage: 'unlocked' } });
    again.look();
    expect(open(model, reopen(), 'c').lines.map(({ did }) => did)).toEqual([
      'promised',
      'held',
      'askedSettle',
      'unlocked',
    ]);
  });

  test('two windows write beside each other, neither over the other', () => {
    const { open: reopen, kept } = disk();
    const model = new NodeModel(() => 0);
    open(model, reopen(), 'a').refused('rulePromise', late);
    const before = kept.size;
    for (const writer of ['b', 'c']) open(model, reopen(), writer).refused('x', { ...late });
    expect(kept.size).toBe(before + 2);
    expect(open(model, reopen(), 'd').lines).toHaveLength(3);
  });

  test('is bounded: the oldest lines go, from the disk too', () => {
    const { open: reopen, kept } = disk();
    const model = new NodeModel(() => 0);
    const log = open(model, reopen());
    for (let i = 0; i < mostLines / 1_000 + 2; i++) {
      for (let j = 0; j < 1_000; j++) {
        const promiseId = id<SettlementView['promiseId']>(`${i}c${j}e`);
        const payments = [accepted];
        const stage = 'unlocked';
        model.apply({ view: 'settlement', settlement: settlement({ promiseId, stage, payments }) });
      }
      log.look();
      model.settlements.clear();
    }
    expect(log.lines.length).toBeLessThanOrEqual(mostLines);
    const again = open(model, reopen(), 'b');
    expect(again.lines).toEqual(log.lines);
    expect(kept.size).toBeLessThan(mostLines / 1_000 + 2);
  });

  test('a damaged write is left out, a dead disk is said', () => {
    const { open: reopen, kept } = disk();
    const model = new NodeModel(() => 0);
    kept.set('000000000000/x', new TextEncoder().encode('{'));
    expect(open(model, reopen()).lines).toEqual([]);
    expect(open(model, reopen(true)).failure).toBe('no disk');
  });
});

describe('income', () => {
  const day = Date.UTC(2026, 10, 21, 12);
  const lines = [
    line({ atMs: day, did: 'settled', detail: 'ruled', msat: '5000000' }),
    line({ atMs: day, did: 'earned', msat: '10000' }),
    line({ atMs: day + 1, did: 'refunded', detail: 'cancelled', msat: '9' }),
    line({ atMs: day + 24 * 3_600_000, did: 'earned', msat: '7000' }),
    line({ atMs: day + 20 * 24 * 3_600_000, did: 'earned', msat: '1' }),
  ];

  test('is summed by day and by month, the latest first', () => {
    expect(income(lines, 'day')).toEqual([
      expect.objectContaining({ name: '2026-12-11', feeMsat: 1n }),
      expect.objectContaining({ name: '2026-11-22', feeMsat: 7_000n, paid: 0 }),
      {
        name: '2026-11-21',
        feeMsat: 10_000n,
        paid: 1,
        refunded: 1,
        rulings: 1,
        turnoverMsat: 5_000_000n,
      },
    ]);
    expect(income(lines, 'month').map(({ name, feeMsat }) => [name, feeMsat])).toEqual([
      ['2026-12', 1n],
      ['2026-11', 17_000n],
    ]);
    expect(income([], 'day')).toEqual([]);
    expect(periodOf(day, 'month')).toBe('2026-11');
  });
});

describe('files', () => {
  test('CSV quotes what needs it, and disarms what a spreadsheet would run', () => {
    const rows = logRows([
      line({ detail: '=HYPERLINK("http://x","y")', height: 0 }),
      line({ detail: 'Two\nlines, and "words"' }),
    ]);
    const [head, first] = csvOf(rows).split('\r\n');
    expect(head).toBe('at,block,by,did,about,detail,msat');
    expect(first).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(csvOf(rows)).toContain('"Two\nlines, and ""words"""');
    expect(csvOf([])).toBe('\r\n');
  });

  test('JSON reads back', () => {
    const rows = [...memberRows([member]), ...incomeRows(income([], 'day'))];
    expect(JSON.parse(jsonOf(rows))).toEqual(rows);
    expect(rows[0]).toMatchObject({ standing: 'revoked', checked: 'driving_licence=checked' });
  });
});

describe('published lists', () => {
  test('hold as long as the protocol has it', () => {
    expect(headHoldsUntil(0)).toBe(limits.headMs);
    const week = limits.certificateDays * limits.dayMs;
    expect(nextKeyAt(0)).toBe(week);
    expect(nextKeyAt(week)).toBe(2 * week);
  });

  test('have whom nobody is vouched for by any more, until the last certificate ran out', () => {
    const lines = [line({ did: 'takenBack', about: member.applicationId })];
    const week = limits.certificateDays * limits.dayMs;
    expect(revokedLately([member], lines, now.nowMs)).toEqual([
      { member, sinceMs: now.nowMs, untilMs: now.nowMs + week, takenBack: true },
    ]);
    expect(revokedLately([member], [], now.nowMs)[0]?.takenBack).toBe(false);
    expect(revokedLately([member], lines, now.nowMs + week)).toEqual([]);
    expect(revokedLately([{ ...member, state: 'active' }], lines, now.nowMs)).toEqual([]);
  });
});
