/** Settlers that cheat. They hold the keys, so they can do most harm; what they can do unseen is said in docs/simulator.md. */
import {
  isFault,
  lock,
  SettlementPromise,
  signBody,
  signingSecret,
  statementsFrame,
  termsHashOf,
  Terms,
  type FrameOf,
  type PaymentHash,
  type PromiseId,
  type Signed,
} from '../../../lib/protocol/index.ts';
import {
  by,
  dealOf,
  isStatements,
  settlerSays,
  stored,
  type Cheat,
  type Deal,
  type StoredSettlement,
  type Tools,
} from './cheat.ts';

/** Tells everybody the preimage as soon as it is paid itself, and collects. */
export function revealsEarly(tools: Tools): Cheat {
  return {
    told(event, pass) {
      pass();
      if (event.on !== 'invoiceAccepted') return;
      const deal = dealBy(tools, event.paymentHash);
      if (deal === undefined) return;
      const { networkPreimage: preimage, networkPaymentHash: paymentHash, promiseId } = deal;
      const frame = statementsFrame(promiseId, { networkPreimage: preimage });
      for (const peer of tools.peers()) tools.say(peer, frame);
      tools.wallet({ do: 'settleInvoice', paymentHash, preimage });
    },
  };
}

/** Works with the worker: the gig is paid before anything is done. */
export function paysEarly(tools: Tools): Cheat {
  return {
    out(frame, to, pass) {
      const deal = isStatements(frame) ? dealOf(tools, frame.promiseId) : undefined;
      if (!isStatements(frame) || deal?.replierPeer !== to || !frame.unlock) return pass(frame);
      const outcome = settlerSays(tools, deal, 'outcome', paid(deal, tools.height()));
      pass({ ...frame, outcome, replyPreimage: deal.replyPreimage });
    },
  };
}

/** Locks the contact with a key that is not the one promised. */
export function locksWithAnotherKey(tools: Tools): Cheat {
  const another = Uint8Array.from({ length: 32 }, () => tools.dice(256));
  const terms = new Map<PromiseId, string>();
  return {
    out(frame, _to, pass) {
      if (frame.kind === 'draft') return pass(withAnotherLock(frame));
      if (frame.kind !== 'promise') return pass(frame);
      const termsHash = terms.get(promiseOf(frame.promise)?.promiseId ?? ('' as PromiseId));
      if (termsHash === undefined) return pass(frame);
      pass({ ...frame, promise: resigned(tools, frame.promise, { termsHash }) });
    },
  };

  function withAnotherLock(frame: FrameOf<'draft'>): FrameOf<'draft'> {
    const lockedReplyMessage = lock(another, frame.lockedReplyMessage);
    const said = Terms.decodeCanonical(frame.terms);
    if (isFault(said)) return frame;
    const lockedMessageHash = hashOf(lockedReplyMessage);
    const altered = Terms.encode({ ...said, lockedMessageHash });
    terms.set(frame.promiseId, termsHashOf(altered, frame.salt));
    return { ...frame, lockedReplyMessage, terms: altered };
  }
}

/** SHA-256 in hex, by the function that hashes terms: an empty salt adds nothing. */
function hashOf(bytes: Uint8Array): string {
  return termsHashOf(bytes, new Uint8Array(0));
}

/** Lets everything hang. */
export function letsHang(): Cheat {
  return {
    wallet(effect, pass) {
      if (effect.do !== 'settleInvoice' && effect.do !== 'cancelInvoice') pass(effect);
    },
  };
}

/** Tells nobody how it ends. */
export function saysNothing(tools: Tools): Cheat {
  const from = tools.dice(3);
  return {
    out(frame, _to, pass) {
      if (!isStatements(frame)) return pass(frame);
      const { networkAccepted, unlock, outcome, abort } = frame;
      const said = [networkAccepted, unlock ?? abort, outcome][from];
      if (said == null) pass(frame);
    },
  };
}

/** Says one thing to one peer and the opposite to the next. */
export function saysTwoThings(tools: Tools): Cheat {
  return {
    out(frame, to, pass) {
      const deal = isStatements(frame) ? dealOf(tools, frame.promiseId) : undefined;
      if (!isStatements(frame) || !deal) return pass(frame);
      const { promiseId } = deal;
      const height = tools.height();
      const odd = (to.charCodeAt(10) & 1) === 1;
      const { outcome, unlock, abort } = frame;
      if (outcome && odd) {
        const gig = 'refunded' as const;
        const other = settlerSays(tools, deal, 'outcome', { ...paid(deal, height), gig });
        return pass({ ...frame, outcome: other });
      }
      if (unlock && odd) {
        const body = { promiseId, reason: 'sender', height } as const;
        return pass({ ...frame, unlock: null, abort: settlerSays(tools, deal, 'abort', body) });
      }
      if (abort && odd) {
        const { unlockingKey } = deal;
        const other = settlerSays(tools, deal, 'unlock', { promiseId, unlockingKey, height });
        return pass({ ...frame, abort: null, unlock: other });
      }
      pass(frame);
    },
  };
}

/** Accepts every route of an offer that is paid. */
export function acceptsTwoRoutes(tools: Tools): Cheat {
  return {
    out(frame, _to, pass) {
      const deal = isStatements(frame) ? dealOf(tools, frame.promiseId) : undefined;
      if (!isStatements(frame) || !deal || !frame.abort) return pass(frame);
      const body = { promiseId: deal.promiseId, height: tools.height() };
      const networkAccepted = settlerSays(tools, deal, 'networkAccepted', body);
      pass({ ...frame, abort: null, networkAccepted });
    },
    wallet(effect, pass) {
      if (effect.do !== 'cancelInvoice') pass(effect);
    },
  };
}

/** Says that everything goes back, and collects. */
export function collectsWhatGoesBack(tools: Tools): Cheat {
  return {
    wallet(effect, pass) {
      const deal = effect.do === 'cancelInvoice' ? dealBy(tools, effect.paymentHash) : undefined;
      if (deal === undefined) return pass(effect);
      const { networkPaymentHash: paymentHash, networkPreimage: preimage } = deal;
      tools.wallet({ do: 'settleInvoice', paymentHash, preimage });
    },
  };
}

/** Promises what it will not keep, or what cannot be. */
export function promisesNonsense(tools: Tools): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'promise') return pass(frame);
      pass({ ...frame, promise: resigned(tools, frame.promise, nonsense(frame.promise)) });
    },
  };

  function nonsense(signed: Signed): Partial<SettlementPromise> {
    const promise = promiseOf(signed);
    if (!promise) return {};
    const { heights, expiryMs } = promise;
    return tools.dice.pick<Partial<SettlementPromise>>([
      { heights: { ...heights, decideBy: heights.decideBy + 400 } },
      { heights: { ...heights, unlockBy: heights.unlockBy + 100 } },
      { heights: { ...heights, decideBy: heights.claimBy } },
      { settlerAmountMsat: 0n },
      { settlerFinalCltv: 30 },
      { expiryMs: expiryMs + 10 * 86_400_000 },
      { termsHash: promise.encryptedPayloadHash },
    ]);
  }
}

function promiseOf(signed: Signed): SettlementPromise | null {
  const promise = SettlementPromise.decodeCanonical(signed.body);
  return isFault(promise) ? null : promise;
}

function resigned(tools: Tools, signed: Signed, change: Partial<SettlementPromise>): Signed {
  const promise = promiseOf(signed);
  const deal = promise && dealOf(tools, promise.promiseId);
  if (!promise || !deal) return signed;
  const secret = signingSecret(tools.secret, deal.epoch);
  const type = 'promise' as const;
  return signBody(SettlementPromise, { ...promise, ...change }, { type, ...by(tools, secret) });
}

function paid(deal: Deal, height: number) {
  const { promiseId } = deal;
  return { promiseId, gig: 'paid', network: 'paid', reason: 'ruled', height } as const;
}

function dealBy(tools: Tools, hash: PaymentHash): Deal | undefined {
  const deals = stored<StoredSettlement>(tools, 'settlement').map(({ deal }) => deal);
  return deals.find(({ networkPaymentHash }) => networkPaymentHash === hash);
}
