/** Every lie that can be proven, told once, and its proof. */
import { limits } from '../../src/lib/protocol/limits.ts';
import { utf8 } from '../../src/lib/protocol/bytes.ts';
import type { PromiseId } from '../../src/lib/protocol/ids.ts';
import {
  equivocation,
  lockFraud,
  missingRuling,
  sealFraud,
  twoLists,
  type FraudFrame,
} from '../../src/lib/protocol/job/fraud-proof.ts';
import {
  Outcome,
  Receipt,
  ReplyStatement,
  type Signed,
} from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';

type Reply = ReturnType<typeof deal.makeReply>;

export function bought({ promise, termsBytes: terms, lockedMessage }: Reply) {
  return { promise, terms, salt: deal.salt, lockedMessage };
}

export function unlockOf(unlockingKey: Uint8Array, promiseId = deal.promiseId): Signed {
  const body = { promiseId, unlockingKey, height: cast.height };
  return deal.statements({ unlock: body }).unlock!;
}

/** The replier's word for the terms of a reply. */
export function statementOf({ termsHash }: Reply, change: Partial<ReplyStatement> = {}): Signed {
  const { payloadId } = cast;
  const { promiseId, replyInvoice } = deal;
  const body = { payloadId, promiseId, senderKey: cast.customer.key, termsHash, replyInvoice };
  return cast.signed(ReplyStatement, { ...body, ...change }, 'reply-statement', cast.worker);
}

export function sealOf(
  reply: Reply,
  change: Partial<Parameters<typeof sealFraud>[1]> = {},
): FraudFrame {
  const proof = sealFraud(bought(reply), {
    unlockingKey: deal.unlockingKey,
    replierCertificate: cast.workerChain,
    statement: statementOf(reply),
    secret: cast.customer.secret,
    random: cast.seedOf('proof'),
    ...change,
  });
  if (proof === null) throw new Error('the lock is broken');
  return proof;
}

/** A lock around something else than the terms say was sealed. */
const swapped = deal.makeReply({
  sealed: utf8('something else entirely'),
  terms: { sealedMessageHash: cast.idOf('what was sealed') },
});
export const badSeal = deal.makeReply({ sealedTo: cast.mallory });
export const otherPromise = deal.makeReply({
  promise: { promiseId: cast.idOf<PromiseId>('another promise') },
}).promise;
const otherKey = cast.seedOf('another K');
const { honest, said } = deal;
const of = (promise: Signed = honest.promise, what: Parameters<typeof equivocation>[1] = {}) =>
  equivocation(promise, what);
export const otherList = cast.revocationHead({ listRoot: cast.idOf('another list') });

/** The settler's receipt, by default as late as one may be that calls for a ruling. */
export function receiptOf(
  about: Receipt['about'],
  height = lastReceipt,
  promiseId = deal.promiseId,
) {
  const body = { promiseId, about, statementHash: deal.filedHash(about), height };
  return cast.signed(Receipt, body, 'receipt', cast.settler);
}
export const lastReceipt = deal.heights.decideBy - limits.rulingBlocks;

export function outcomeOf(reason: Outcome['reason'], change: Partial<Outcome> = {}): Signed {
  const { promiseId, heights } = deal;
  const what = { gig: 'refunded', network: 'paid', reason, height: heights.decideBy } as const;
  return cast.signed(Outcome, { promiseId, ...what, ...change }, 'outcome', cast.settler);
}

/** name: proof. */
export const proofs = {
  lock: lockFraud(bought(swapped), deal.unlockingKey, unlockOf(deal.unlockingKey)),
  'lock, another key': lockFraud(bought(honest), otherKey, unlockOf(otherKey)),
  'lock that does not open': lockFraud(
    bought(deal.makeReply({ lockedWith: otherKey })),
    deal.unlockingKey,
    unlockOf(deal.unlockingKey),
  ),
  seal: sealOf(badSeal),
  'seal, no point': sealOf(deal.makeReply({ sealed: new Uint8Array(100).fill(0xff) })),
  'seal, too short': sealOf(deal.makeReply({ sealed: utf8('short') })),
  'seal, unsigned message': sealOf(deal.makeReply({ messageBy: cast.mallory })),
  'seal, message of another offer': sealOf(
    deal.makeReply({ message: { offerId: cast.idOf('another offer', 16) } }),
  ),
  'two promises': of(honest.promise, { otherPromise }),
  'Unlock and Abort': of(honest.promise, { unlock: said.unlock.unlock, abort: said.abort.abort }),
  'two Outcomes': of(honest.promise, {
    outcome: said.paid.outcome,
    otherOutcome: said.refunded.outcome,
  }),
  'Abort and preimage': of(honest.promise, {
    abort: said.abort.abort,
    networkPreimage: deal.networkPreimage,
  }),
  'gig refunded and preimage': of(honest.promise, {
    outcome: said.refunded.outcome,
    replyPreimage: deal.replyPreimage,
    terms: honest.termsBytes,
    salt: deal.salt,
  }),
  'no ruling': missingRuling(honest.promise, [receiptOf('senderDispute')], outcomeOf('no-ruling')),
  'no ruling on a claim and a no contact': missingRuling(
    honest.promise,
    [receiptOf('claim'), receiptOf('noContact')],
    outcomeOf('no-ruling'),
  ),
  'two lists': twoLists(cast.settlerChain, cast.revocationHead(), otherList),
} satisfies Record<string, FraudFrame>;

const day = limits.dayMs;
const today = Math.floor(cast.nowMs / day) * day;

/** A worker's seal under certificates that hold at other times than those of everybody else; days from today. */
function sealUnder(leaf: readonly [number, number], issuer: readonly [number, number]): FraudFrame {
  const times = ([from, to]: readonly [number, number]) => ({
    notValidBeforeMs: today + from * day,
    notValidAfterMs: today + to * day,
  });
  const { root, settler, worker, devices } = cast;
  const named = { certificateName: 'settler', certificateValue: [], peerKey: devices.settler.peer };
  const issued = { publicKey: worker.key, certificateName: 'worker', certificateValue: [] };
  return sealOf(badSeal, {
    replierCertificate: [
      cast.certificate({ ...issued, ...times(leaf) }),
      cast.certificate({ publicKey: settler.key, ...named, ...times(issuer) }, root),
    ],
  });
}

const kept = limits.fraudMs;
const shortLeaf = sealUnder([0, 5], [0, 7]);
const shortIssuer = sealUnder([0, 7], [0, 5]);

/** name: proof, when it is read, and what is wrong with it then, if anything. */
export const timed: readonly [string, FraudFrame, number, code?: string][] = [
  ['seal, before any certificate began', proofs.seal, today - 1],
  ['seal, as long as the leaf counts', shortLeaf, today + 5 * day + kept - 1],
  ['seal, as long as its issuer counts', shortIssuer, today + 5 * day + kept - 1],
  ['seal, a leaf older than its issuer', sealUnder([-2, 5], [0, 7]), cast.nowMs],
  ['seal, an issuer older than its leaf', sealUnder([0, 7], [-2, 5]), cast.nowMs],
  ['lock, as long as it counts', proofs.lock, today + 7 * day + kept - 1],
  ['a leaf of too long ago', shortLeaf, today + 5 * day + kept, 'CERTIFICATE_NOT_VALID_NOW'],
  ['an issuer of too long ago', shortIssuer, today + 5 * day + kept, 'CERTIFICATE_NOT_VALID_NOW'],
  ['a lock of too long ago', proofs.lock, today + 7 * day + kept, 'CERTIFICATE_NOT_VALID_NOW'],
  [
    'certificates that never held together',
    sealUnder([-7, 0], [0, 7]),
    cast.nowMs,
    'CERTIFICATE_NOT_VALID_NOW',
  ],
];
