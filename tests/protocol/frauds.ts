/** Every lie that can be proven, told once, and its proof. */
import { utf8 } from '../../src/lib/protocol/bytes.ts';
import { lock } from '../../src/lib/protocol/crypto.ts';
import type { PromiseId } from '../../src/lib/protocol/ids.ts';
import {
  equivocation,
  lockFraud,
  sealFraud,
  twoLists,
  type FraudFrame,
} from '../../src/lib/protocol/job/fraud-proof.ts';
import { ReplyStatement, type Signed } from '../../src/lib/protocol/wire/messages.ts';
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

/** Terms that name the honest sealed message, and a lock around something else. */
const lockedOther = lock(deal.unlockingKey, utf8('something else entirely'));
export const badLock = {
  ...deal.makeReply({ sealed: utf8('something else entirely') }),
  lockedMessage: lockedOther,
};
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
  'two lists': twoLists(cast.settlerChain, cast.revocationHead(), otherList),
} satisfies Record<string, FraudFrame>;
