/** Nobody honest can be accused: whatever the others do, what it signs never makes a proof. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import {
  equivocation,
  lockFraud,
  missingRuling,
  verifyFraud,
  type FraudFrame,
  type FraudTrust,
} from '../../src/lib/protocol/job/fraud-proof.ts';
import { receiptFields } from '../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { mayRule } from '../../src/lib/protocol/roles/settler-case.ts';
import {
  publishedFor,
  stepSettlement,
  type Settlement,
  type SettlementEvent,
} from '../../src/lib/protocol/roles/settler.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { Unlock, type Signed } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { sealOf } from './frauds.ts';
import { context, drafted, events, heights, replier, secrets } from './settler-parts.ts';

const { network, nowMs, root } = cast;
const trust: FraudTrust = { network, nowMs, roots: new Set([root.key]) };

function accused(frame: FraudFrame): string | null {
  const found = verifyFraud(frame, trust);
  return isFault(found) ? null : found.kind;
}

/** Everything a settler ever let out of its hands about one promise. */
class Leaks {
  readonly said = new Map<string, Map<string, Signed>>();
  readonly promises = new Map<string, Signed>();
  readonly preimages = new Map<string, Uint8Array>();

  see(made: Settlement): void {
    if (made.state === 'Promised') this.promises.set(hexOf(made.promise.body), made.promise);
    for (const [kind, value] of Object.entries(publishedFor(made, replier.peer))) {
      if (value instanceof Uint8Array) this.preimages.set(hexOf(value), value);
      else if (value !== null) this.#of(kind).set(hexOf(value.body), value);
    }
  }

  #of(kind: string): Map<string, Signed> {
    const known = this.said.get(kind) ?? new Map<string, Signed>();
    this.said.set(kind, known);
    return known;
  }

  all(kind: string): Signed[] {
    return [...this.#of(kind).values()];
  }
}

/** Every accusation that can be put together from it. */
function* accusations(leaks: Leaks): Generator<FraudFrame> {
  const { terms, salt, lockedMessage } = secrets;
  const receipts = Object.values(receiptFields).flatMap((field) => leaks.all(field));
  const [unlocks, aborts, outcomes] = ['unlock', 'abort', 'outcome'].map((kind) => leaks.all(kind));
  for (const promise of leaks.promises.values()) {
    for (const otherPromise of leaks.promises.values()) {
      if (otherPromise !== promise) yield equivocation(promise, { otherPromise });
    }
    for (const unlock of unlocks!) {
      const key = Unlock.decode(unlock.body);
      if (isFault(key)) throw new Error('an Unlock that cannot be read');
      yield lockFraud({ promise, terms, salt, lockedMessage }, key.unlockingKey, unlock);
      for (const abort of aborts!) yield equivocation(promise, { unlock, abort });
    }
    for (const outcome of outcomes!) {
      for (const otherOutcome of outcomes!) {
        if (otherOutcome !== outcome) yield equivocation(promise, { outcome, otherOutcome });
      }
      for (const [at, receipt] of receipts.entries()) {
        yield missingRuling(promise, [receipt, ...receipts.slice(at + 1, at + 2)], outcome);
        yield missingRuling(promise, [receipt, receipts.at(-1)!], outcome);
      }
    }
    for (const preimage of leaks.preimages.values()) {
      const known = { networkPreimage: preimage, replyPreimage: preimage, terms, salt };
      for (const abort of aborts!) yield equivocation(promise, { abort, ...known });
      for (const outcome of outcomes!) yield equivocation(promise, { outcome, ...known });
    }
  }
}

/** Steps like a settler whose owner rules within the ruling blocks, and once died and started again at every block. */
function live(doings: readonly (readonly [string, number])[], disk: boolean): Leaks {
  const leaks = new Leaks();
  let [made, height, calledAt] = [drafted, cast.height, Infinity];
  const tell = (event: SettlementEvent) => {
    [made] = stepSettlement(made, event, context({ height }));
    leaks.see(made);
  };
  tell(events['sealed']!);
  for (const [name, blocks] of doings) {
    for (let block = 0; block < blocks; block++) {
      height++;
      if (disk) tell({ on: 'resume' });
      tell({ on: 'height' });
    }
    tell(events[name]!);
    if (!mayRule(made, height)) calledAt = Infinity;
    else calledAt = Math.min(calledAt, height);
    if (height - calledAt >= limits.rulingBlocks / 2) {
      tell({ on: 'rule', gig: 'refunded', network: 'paid' });
      calledAt = Infinity;
    }
  }
  return leaks;
}

const anything = fc.constantFrom(...Object.keys(events));
const prelude = ['invoiceAccepted', 'ReplyAccepted and KeyRequest'] as const;
const life = fc
  .tuple(
    fc.array(fc.tuple(anything, fc.nat(3)), { maxLength: 3 }),
    fc.array(fc.tuple(anything, fc.nat(14)), { minLength: 8, maxLength: 20 }),
    fc.boolean(),
  )
  .map(([before, after, disk]) => {
    const begun = prelude.map((name) => [name, 0] as const);
    return { doings: [...before, ...begun, ...after], disk };
  });

test(
  'whatever happens to a settler that rules in time, nothing it says is a proof [STL-03]',
  {
    timeout: 180_000,
  },
  () => {
    let outcomes = 0;
    const property = fc.property(life, ({ doings, disk }) => {
      const leaks = live(doings, disk);
      outcomes += leaks.all('outcome').length + leaks.all('abort').length;
      for (const accusation of accusations(leaks)) expect(accused(accusation)).toBeNull();
    });
    fc.assert(property, { numRuns: 6 });
    expect(outcomes).toBeGreaterThan(2);
  },
);

test('a dispute too late for a ruling accuses nobody, one in time does [STL-07]', () => {
  const { decideBy } = heights;
  const claimed = [...prelude, 'Claim'].map((name, at) => {
    return [name, at === 2 ? heights.earliestClaim - cast.height : 0] as const;
  });
  const kinds = (disputedAt: number) => {
    const wait = disputedAt - heights.earliestClaim;
    const leaks = new Leaks();
    let [made, height] = [drafted, cast.height];
    const tell = (event: SettlementEvent) => {
      [made] = stepSettlement(made, event, context({ height }));
      leaks.see(made);
    };
    tell(events['sealed']!);
    for (const [name, blocks] of claimed) {
      height += blocks;
      tell(events[name]!);
    }
    // A settler that was away: no block reached it, and what is repeated comes first.
    height += wait;
    tell(events['sender disputes']!);
    height = decideBy;
    tell({ on: 'height' });
    return [...new Set([...accusations(leaks)].map(accused))].filter((kind) => kind !== null);
  };
  expect(kinds(decideBy - limits.rulingBlocks)).toEqual(['missing-ruling']);
  expect(kinds(decideBy - limits.rulingBlocks + 1)).toEqual([]);
});

test('whatever is said to be the shared point, an honest worker’s seal is no fraud [STL-03]', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const property = fc.property(bytes(32), bytes(32), bytes(64), (who, x, proof) => {
    const own = sealOf(deal.honest, { secret: cast.customer.secret, random: who });
    expect(accused(own)).toBeNull();
    const point = Uint8Array.of(2, ...x);
    for (const sharedPoint of [point, null]) {
      for (const sharedProof of [proof, null]) {
        expect(accused({ ...own, sharedPoint, sharedProof } as FraudFrame)).toBeNull();
      }
    }
  });
  fc.assert(property, { numRuns: 15 });
});
