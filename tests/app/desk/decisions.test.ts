import { describe, expect, test } from 'vitest';
import {
  commandFor,
  decisions,
  endingOf,
  ifNobodyActs,
} from '../../../src/lib/app/desk/outcomes.ts';
import {
  firstRules,
  rulesFrom,
  suggest,
  type DeskRules,
} from '../../../src/lib/app/desk/suggestion.ts';
import {
  decisionWords,
  endingWords,
  leftWords,
  silenceWords,
} from '../../../src/lib/app/desk/words.ts';
import type { SettlementView } from '../../../src/lib/app/types.ts';
import { silence } from '../../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../../src/lib/protocol/limits.ts';
import { heights, payment, settlement } from '../fixtures.ts';

const paidFee = payment({ purpose: 'network', direction: 'in', state: 'settled' });
const dispute = (over: Partial<SettlementView> = {}) =>
  settlement({ stage: 'disputed', state: 'Unlocked', decidedAt: 166, ...over });

describe('a decision', () => {
  test('is offered where the node takes it', () => {
    const of = (over: Partial<SettlementView>) => decisions(settlement(over));
    expect(of({ stage: 'disputed' })).toEqual(['rulePaid', 'ruleRefunded', 'ruleAllBack']);
    expect(of({ stage: 'disputed', payments: [paidFee] })).toEqual(['rulePaid', 'ruleRefunded']);
    expect(of({ stage: 'confirmed' })).toEqual(['settle']);
    expect(of({ stage: 'held' })).toEqual(['abort']);
    expect(of({ stage: 'promised', state: 'Invoicing' })).toEqual([]);
    expect(of({ stage: 'refunded', state: 'Refunded' })).toEqual(['settle']);
    for (const stage of ['unlocked', 'claimed', 'settled', 'aborted', 'expired'] as const) {
      expect(of({ stage })).toEqual([]);
    }
  });

  test('says where every sat goes before it is signed', () => {
    const one = dispute();
    expect(endingOf(one, 'rulePaid')).toEqual({ gig: 'worker', network: 'paid' });
    expect(endingOf(one, 'ruleRefunded')).toEqual({ gig: 'customer', network: 'paid' });
    expect(endingOf(one, 'ruleAllBack')).toEqual({ gig: 'customer', network: 'customer' });
    expect(endingWords(one, 'ruleAllBack').join(' ')).toMatch(
      /12,000.*customer.*100.*earn nothing/,
    );
    expect(endingWords(dispute({ payments: [paidFee] }), 'ruleRefunded')[1]).toContain('already');
    expect(endingWords(settlement({ stage: 'promised' }), 'abort')[1]).toContain('none is owed');
    expect(decisionWords(one, 'ruleAllBack')).toContain('12,100');
  });

  test('is one command', () => {
    const one = dispute();
    const { promiseId } = one;
    expect(commandFor(one, 'rulePaid')).toEqual({
      command: 'rulePromise',
      promiseId,
      gig: 'paid',
      network: 'paid',
    });
    expect(commandFor(one, 'ruleAllBack')).toMatchObject({ gig: 'refunded', network: 'refunded' });
    expect(commandFor(one, 'settle')).toEqual({ command: 'settlePromise', promiseId });
  });
});

describe('silence', () => {
  test.each([
    [{ claimedAt: 120, noContactAt: null }, 'claimed', 'pays'],
    [{ claimedAt: null, noContactAt: 120 }, 'unlocked', 'allReturns'],
    [{ claimedAt: 120, noContactAt: 121 }, 'disputed', 'unruled'],
  ] as const)('does what the protocol has it do: %o', (file, stage, then) => {
    const due = silence({ ...file, isDisputed: false }, heights, limits.disputeBlocks);
    const one = settlement({ stage, ...file, decidedAt: due.height });
    expect(ifNobodyActs(one)).toEqual({ then, height: due.height });
  });

  test('has a sentence at every stage', () => {
    const stages = ['promised', 'held', 'unlocked', 'claimed', 'disputed', 'confirmed'] as const;
    const said = stages.map((stage) => silenceWords(settlement({ stage }), String));
    expect(new Set(said).size).toBe(stages.length);
    expect(silenceWords(settlement({ stage: 'settled' }), String)).toContain('over');
    expect(silenceWords(settlement({ stage: 'refunded', state: 'Refunded' }), String)).toMatch(
      /back.*166/,
    );
  });

  test('is told in blocks, and in hours where blocks take ten minutes', () => {
    expect(leftWords(12, 'mainnet')).toMatch(/^12 blocks left, about 2\s?h$/);
    expect(leftWords(1, 'regtest')).toBe('1 block left');
    expect(leftWords(-3, 'mainnet')).toBe('passed');
  });
});

describe('a suggested ruling', () => {
  const decide = (over: Partial<SettlementView>, rules: Partial<DeskRules> = {}) =>
    suggest(dispute(over), { ...firstRules, ...rules });
  const names = (over: Partial<SettlementView>, rules: Partial<DeskRules> = {}) =>
    decide(over, rules).reasons.map(({ name }) => name);

  test('a claim in time against a bare complaint is for the worker', () => {
    expect(decide({ claimedAt: 120, senderEvidence: '' })).toMatchObject({
      decision: 'rulePaid',
      lead: 1,
    });
  });

  test('nobody came, said before any claim: everything goes back', () => {
    expect(decide({ noContactAt: 119 })).toMatchObject({ decision: 'ruleAllBack', lead: 5 });
    expect(names({ noContactAt: 119 })).toEqual(['absentFirst', 'workerSilent', 'neverClaimed']);
    expect(decide({ noContactAt: 119, payments: [paidFee] }).decision).toBe('ruleRefunded');
  });

  test('nobody came, said only after the claim, speaks for the worker', () => {
    expect(decide({ claimedAt: 119, noContactAt: 121 })).toMatchObject({
      decision: 'rulePaid',
      lead: 3,
    });
  });

  test('a side that is accused and says nothing loses by it', () => {
    expect(names({ senderEvidence: 'Bad work', claimedAt: null })).toContain('workerSilent');
    expect(names({ replierEvidence: 'I was there' })).toContain('customerSilent');
    const both = { senderEvidence: 'Bad work', replierEvidence: 'Good work' };
    expect(names(both)).toEqual(['neverClaimed']);
  });

  test('what the two were before counts, from enough jobs on', () => {
    const record = { jobs: 10, claims: 0, disputes: 0, noContacts: 0, rulings: 0 };
    const complains = { ...record, disputes: 3 };
    expect(names({ sender: complains, replier: record })).toContain('customerOften');
    expect(names({ sender: record, replier: { ...record, noContacts: 3 } })).toContain(
      'workerOften',
    );
    expect(names({ sender: { ...complains, jobs: 4 } })).not.toContain('customerOften');
    // Both alike: it tells nothing.
    expect(names({ sender: complains, replier: { ...record, noContacts: 9 } })).toEqual([
      'neverClaimed',
    ]);
  });

  test('follows the settler’s own rules, and its rule for doubt where they say nothing', () => {
    const mute = { claim: 0, absence: 0, silence: 0, record: 0 } as const;
    expect(decide({ noContactAt: 119 }, mute)).toEqual({ decision: null, reasons: [], lead: 0 });
    const doubt = decide({ claimedAt: 120 }, { ...mute, doubt: 'worker' });
    expect(doubt).toMatchObject({ decision: 'rulePaid', lead: 0 });
    expect(doubt.reasons.map(({ name }) => name)).toEqual(['doubt']);
    expect(decide({}, { ...mute, doubt: 'customer' }).decision).toBe('ruleRefunded');
  });

  test('is the same for the same file, and changes nothing', () => {
    const file = Object.freeze(dispute({ claimedAt: 119, noContactAt: 121 }));
    expect(suggest(file, firstRules)).toEqual(suggest(file, firstRules));
  });
});

describe('the settler’s rules on disk', () => {
  test('come back as they were', () => {
    const own: DeskRules = {
      ...firstRules,
      claim: 2,
      record: 0,
      oftenPercent: 50,
      doubt: 'worker',
    };
    expect(rulesFrom(JSON.stringify(own))).toEqual(own);
  });

  test.each([
    null,
    '',
    '{',
    'null',
    '[]',
    '{"claim":7,"oftenPercent":0,"leastJobs":1.5,"doubt":"me"}',
  ])('%s is as at first', (text) => {
    expect(rulesFrom(text)).toEqual(firstRules);
  });
});
