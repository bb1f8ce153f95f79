/**
 * Bugs planted on purpose: the simulator is worth what it catches of them. A mutant is an edit of the core's source while it is
 * loaded (`hooks.ts`), never a switch in the product. At least one for every money invariant of the architecture; the seed that
 * catches each first is in docs/simulator.md, and a test holds it to that.
 */
import type { Mutant } from './mutant.ts';
import { moreMutants } from './mutants-more.ts';

export type { Edit, Mutant } from './mutant.ts';

const roles = 'src/lib/protocol/roles/';
const chain = 'src/lib/protocol/job/payment-chain.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'pays before it is paid',
    invariant: 1,
    seed: 1,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `toUpstream(leg.terms, frame),`,
        put: `toUpstream(leg.terms, frame), pay(leg.terms, true),`,
      },
    ],
  },
  {
    name: 'pays with too little time left',
    invariant: 1,
    seed: 80,
    edits: [
      {
        file: chain,
        find: `return leg.height <= leg.unlockBy && leg.settleDeadline >= longest + limits.graceBlocks;`,
        put: `return leg.height <= leg.unlockBy && longest > 0;`,
      },
    ],
  },
  {
    name: 'pays above its loss cap',
    invariant: 1,
    seed: 3,
    edits: [
      {
        file: chain,
        find: `if (outgoing.amountMsat > lossCapMsat) return null;`,
        put: `if (lossCapMsat < 0n) return null;`,
      },
      {
        file: `${roles}leg.ts`,
        find: `if (terms.outgoingMsat > ctx.policy.lossCapMsat) return cancel(leg, true, ctx);`,
        put: ``,
      },
    ],
  },
  {
    name: 'pays more than it is paid',
    invariant: 1,
    seed: 96,
    edits: [
      {
        file: chain,
        find: `return { amountMsat: outgoing.amountMsat + feeMsat, minFinalCltv, feeMsat };`,
        put: `return { amountMsat: outgoing.amountMsat, minFinalCltv, feeMsat };`,
      },
    ],
  },
  {
    name: 'believes a wallet that cries failed',
    invariant: 1,
    seed: 76,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `if (nothingLeft) return cancel(leg, true, ctx);`,
        put: `if (nothingLeft || leg.backBy > 0) return cancel(leg, true, ctx);`,
      },
    ],
  },
  {
    name: 'publishes a preimage before it has its money',
    invariant: 2,
    seed: 1,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `const published = { ...made.published, unlock: signStatement(`,
        put: `const { networkPreimage } = deal; const published = { ...made.published, networkPreimage, unlock: signStatement(`,
      },
    ],
  },
  {
    name: 'gives the gig away undecided',
    invariant: 2,
    seed: 1,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `const owed = (made.state === 'Settling' || made.state === 'Ended') && paysGig(made);`,
        put: `const owed = 'unlock' in made.published;`,
      },
    ],
  },
  {
    name: 'tells everybody what pays the gig',
    invariant: 2,
    seed: 1,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `if (!owed || peer !== made.deal.replierPeer) return made.published;`,
        put: `if (!owed || peer === made.deal.replierPeer) return made.published;`,
      },
    ],
  },
  {
    name: 'unlocks before the gig is locked',
    invariant: 2,
    seed: 1,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `if (asked !== null && paidAlready && ctx.height <= deal.heights.unlockBy) {`,
        put: `if (asked !== null && !(paidAlready && ctx.height < 0)) {`,
      },
    ],
  },
  {
    name: 'unlocks and aborts',
    invariant: 2,
    seed: 6,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `return onUnlocked(made, event, ctx);`,
        put: `if (event.on === 'statements' && event.frame.abortRequest !== null)
        return abort({ ...made, state: 'NetworkHeld' } as never, 'sender', ctx);
      return onUnlocked(made, event, ctx);`,
      },
    ],
  },
  {
    name: 'never collects',
    invariant: 3,
    seed: 4,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `return [settling, [store(legKey(terms.paymentHash), settling), ...settleEffects(settling, ctx)]];`,
        put: `return [settling, [store(legKey(terms.paymentHash), settling)]];`,
      },
    ],
  },
  {
    name: 'never gives back what nobody will settle',
    invariant: 3,
    seed: 3,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `if (event.on === 'published') return onPublished(leg, event, ctx);`,
        put: `if (event.on === 'published' && event.preimage) return onPublished(leg, event, ctx);`,
      },
      {
        file: `${roles}leg.ts`,
        find: `if (ctx.height > leg.backBy) return cancel(leg, true, ctx);`,
        put: ``,
      },
    ],
  },
  {
    name: 'pays the gig whatever is ruled',
    invariant: 3,
    seed: 1,
    edits: [
      {
        file: `${roles}settler.ts`,
        find: `return made.state === 'Settling' ? made.outcome.gig === 'paid' : made.end === 'settled';`,
        put: `return made.deal.replierPeer !== '';`,
      },
    ],
  },
  {
    name: 'takes any price',
    invariant: 3,
    seed: 189,
    edits: [
      {
        file: 'src/lib/protocol/job/hodl-invoice.ts',
        find: `if (amountMsat < want.minAmountMsat || amountMsat > want.maxAmountMsat) {`,
        put: `if (amountMsat < 0n) {`,
      },
    ],
  },
  {
    name: 'pays before it remembers',
    invariant: 4,
    seed: 1,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `return [paying, [store(legKey(terms.paymentHash), paying), pay(terms, true)]];`,
        put: `return [paying, [pay(terms, true)]];`,
      },
    ],
  },
  {
    name: 'says what it might forget',
    invariant: 4,
    seed: 1,
    edits: [
      {
        file: `${roles}settler-effects.ts`,
        find: `  return [made, [store(settlementKey(made.deal.promiseId), made), ...effects]];`,
        put: `  if (made.state === 'Unlocked' || made.state === 'Aborting') return [made, effects];
  return [made, [store(settlementKey(made.deal.promiseId), made), ...effects]];`,
      },
    ],
  },
  {
    name: 'forgets that it took an offer',
    invariant: 4,
    seed: 1,
    edits: [
      {
        file: `${roles}sender.ts`,
        find: `  return [job, [store(jobKey(job.job.payloadId), job), ...effects]];`,
        put: `  if (job.state === 'PayingNetwork') return [job, effects];
  return [job, [store(jobKey(job.job.payloadId), job), ...effects]];`,
      },
    ],
  },
  {
    name: 'pays again what its wallet calls failed',
    invariant: 5,
    seed: 3,
    edits: [
      {
        file: `${roles}leg.ts`,
        find: `pay(terms, false),`,
        put: `pay(terms, true),`,
      },
    ],
  },
  {
    name: 'believes a payment without its preimage',
    invariant: 5,
    seed: 666,
    edits: [
      {
        file: `${roles}sender.ts`,
        find: `if (!isPreimageOf(preimage, hash) || job.money[leg] === 'settled') return [job, []];`,
        put: `if (job.money[leg] === 'settled') return [job, []];`,
      },
    ],
  },
  {
    name: 'pays in place of work before it remembers',
    invariant: 4,
    seed: 7,
    edits: [
      {
        file: `${roles}favour-bought.ts`,
        find: `return kept({ state: 'Paying', purchase }, [pay(purchase, true)]);`,
        put: `return [{ state: 'Paying', purchase }, [pay(purchase, true)]];`,
      },
    ],
  },
  {
    name: 'pays in place of work all day',
    invariant: 6,
    seed: 12,
    edits: [
      {
        file: 'src/lib/protocol/node/favour-buying.ts',
        find: `let leftMsat = maxPayPerDayMsat;`,
        put: `let leftMsat = maxPayPerDayMsat * 100n;`,
      },
    ],
  },
  ...moreMutants,
];
