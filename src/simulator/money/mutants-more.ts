/** Bugs planted where there is no settler, and in what is done about lies. */
import type { Mutant } from './mutant.ts';

const core = 'src/lib/protocol/';

export const moreMutants: readonly Mutant[] = [
  {
    name: 'says thank you before it is paid',
    invariant: 2,
    seed: 1,
    edits: [
      {
        file: `${core}roles/thank-you-sender.ts`,
        find: `return saved(asking, askEffects(asking, ctx));`,
        put: `const early = { ...asking, state: 'Releasing' } as never;
  return saved(early, [...askEffects(asking, ctx), ...settleEffects(asking, ctx)]);`,
      },
    ],
  },
  {
    name: 'pays any price for its reply',
    invariant: 3,
    seed: 184,
    edits: [
      {
        file: `${core}roles/thank-you-replier.ts`,
        find: `if (invoice.amountMsat > made.offer.replyLimitMsat) return end(made, 'too-dear');`,
        put: ``,
      },
    ],
  },
  {
    name: 'takes a thank you that nobody signed',
    invariant: 3,
    seed: 573,
    edits: [
      {
        file: `${core}job/thank-you.ts`,
        find: `const thankYou = openSigned(ThankYouHash, frame.thankYouHash, {`,
        put: `const thankYou = ThankYouHash.decodeCanonical(frame.thankYouHash.body); void ({`,
      },
    ],
  },
  {
    name: 'takes one promise for another',
    invariant: 7,
    seed: 1592,
    edits: [
      {
        file: `${core}job/fraud-parts.ts`,
        find: `return body.promiseId === promise.promiseId ? body : nothing('about another promise');`,
        put: `return body;`,
      },
    ],
  },
  {
    name: 'overlooks that its settler says two things',
    invariant: 7,
    seed: 266,
    edits: [
      {
        file: `${core}node/evidence.ts`,
        find: `for (const proof of contradictions(known, news)) tryProof(turn, proof);`,
        put: ``,
      },
    ],
  },
  {
    name: 'keeps no proof',
    invariant: 7,
    seed: 19,
    edits: [
      {
        file: `${core}node/frauds.ts`,
        find: 'effects.push(store(`fraud/${known.id}`, known));',
        put: ``,
      },
    ],
  },
  {
    name: 'goes on with who lied',
    invariant: 7,
    seed: 13,
    edits: [
      {
        file: `${core}node/fraud-states.ts`,
        find: `if (fraud.role === 'settler' && fraud.root === root && !forgiven) return true;`,
        put: `if (fraud.role === 'settler' && fraud.root === root && frauds.size < 0) return true;`,
      },
    ],
  },
];
