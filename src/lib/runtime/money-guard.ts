/**
 * The money invariants of the architecture, asserted while the node runs, as far as one node can see them: a second pair of
 * eyes that sees only what goes to wallet, disk and network and what comes from the wallet, and knows nothing of the machines.
 * A violation stops the node before the wallet hears of it.
 *
 * 1. Nobody pays onward before being paid, with less time left than the budget asks, after unlock_by, more than is paid, or
 *    more than it may lose.
 * 2. A preimage leaves only if it is one, once the invoice is Accepted, and over the network only once our own is Settled or
 *    with the Outcome that owes it.
 * 3. What is held ends one way: nobody cancels while its own outgoing payment may still settle, or what it settled.
 * 4. A payment, and how it is to end, is stored before the wallet is asked.
 * 5. A hash is paid for one invoice only, and never again once that payment ended.
 * 6. What is paid in place of work is lost if its neighbour does nothing for it: for each no more, and in a day no more, than the
 *    owner's rules allow; and its preimage is shown only when it was paid.
 */
import {
  defaultPolicy,
  isFault,
  isPreimageOf,
  limits,
  Outcome,
  paymentHashOf,
  readInvoice,
  readStored,
  routeBlocks,
  type Effect,
  type Event,
  type FrameOf,
  type PaymentHash,
  type Policy,
  type StoreEntry,
} from '../protocol/index.ts';
import {
  favourKey,
  soldKey,
  readKept,
  type Ending,
  type KeptFavour,
  type KeptJob,
  type KeptLeg,
  type KeptPayment,
} from './money-kept.ts';

interface Watched {
  /** Amount of the invoice we issued on this hash, msat; null if we issued none that we know of. */
  issuedMsat: bigint | null;
  accepted: boolean;
  settled: boolean;
  settleDeadline: number;
  /** How the wallet was told to end our invoice. */
  ending: Ending | null;
  /** Nothing is paid onward after this block. */
  unlockBy: number;
  /** The invoice we pay on this hash. */
  paying: string | null;
  /** How the outgoing payment ended. */
  paid: 'no' | 'pending' | 'settled' | 'failed';
}

export interface MoneyGuard {
  /** What the store remembers of payments in the air. */
  restore(entries: readonly StoreEntry[]): void;
  see(event: Event): void;
  /** Throws on a step that breaks an invariant. */
  check(effects: readonly Effect[]): void;
}

export class InvariantBroken extends Error {}

/** `policy` is the owner's as the node is started with; what is stored of it counts more. */
export function createMoneyGuard(policy: Partial<Policy> = {}): MoneyGuard {
  const hashes = new Map<PaymentHash, Watched>();
  const favours = new Map<PaymentHash, KeptFavour>();
  let rules: Policy = { ...defaultPolicy, ...policy };
  let walletShadow: number | null = null;
  let height = 0;

  function watched(hash: PaymentHash): Watched {
    const known = hashes.get(hash);
    if (known) return known;
    const fresh: Watched = {
      issuedMsat: null,
      accepted: false,
      settled: false,
      settleDeadline: 0,
      ending: null,
      unlockBy: Infinity,
      paying: null,
      paid: 'no',
    };
    hashes.set(hash, fresh);
    return fresh;
  }

  function checkPay(effect: Extract<Effect, { do: 'payInvoice' }>, stored: boolean): void {
    const { paymentHash, invoice, amountMsat } = effect;
    const known = watched(paymentHash);
    const fields = readInvoice(invoice);
    assert(!isFault(fields), 'an invoice that does not parse is paid');
    assert(fields.paymentHash === paymentHash, 'an invoice on another hash is paid');
    assert(fields.amountMsat === amountMsat, 'an invoice is paid for another amount');
    assert(known.paying === null || known.paying === invoice, 'a hash is paid for two invoices');
    if (known.paying === null) assert(stored, 'a payment is made that is not stored');
    if (effect.mayBegin) {
      const ended = known.paid === 'settled' || known.paid === 'failed';
      assert(!ended, 'a payment that has ended is made again');
      const favour = favours.get(paymentHash);
      if (favour !== undefined) checkFavour(favour, known, effect);
      else if (known.issuedMsat !== null) checkOnward(known, amountMsat, fields.minFinalCltv);
    }
    known.paying = invoice;
    if (known.paid === 'no') known.paid = 'pending';
  }

  function checkFavour(
    favour: KeptFavour,
    known: Watched,
    { invoice, amountMsat }: Extract<Effect, { do: 'payInvoice' }>,
  ): void {
    const asStored = favour.invoice === invoice && favour.priceMsat === amountMsat;
    assert(asStored, 'another invoice is paid in place of work than is stored');
    assert(known.issuedMsat === null, 'our own invoice is paid in place of work');
    assert(amountMsat <= rules.maxPayMsat, 'more is paid in place of work than allowed');
    let dayMsat = 0n;
    for (const { atMs, spentMsat } of favours.values()) {
      if (atMs > favour.atMs - limits.favourDayMs) dayMsat += spentMsat;
    }
    assert(dayMsat <= rules.maxPayPerDayMsat, 'more is paid in place of work than a day allows');
  }

  function checkOnward(known: Watched, amountMsat: bigint, finalCltv: number): void {
    assert(known.accepted, 'a payment is passed on before it was Accepted');
    assert(known.ending === null, 'a payment is passed on though its own is to end');
    assert(amountMsat <= (known.issuedMsat ?? 0n), 'more is paid onward than is paid');
    assert(height <= known.unlockBy, 'a payment is passed on after unlock_by');
    const shadowBlocks = rules.shadowBlocks ?? walletShadow ?? limits.shadowBlocks;
    const needed = height + finalCltv + routeBlocks(shadowBlocks) + limits.graceBlocks;
    assert(known.settleDeadline >= needed, 'a payment is passed on with too little time left');
    // One begun under an earlier loss cap is taken up again.
    const fresh = known.paying === null;
    assert(!fresh || amountMsat <= rules.lossCapMsat, 'more is paid onward than may be lost');
  }

  function checkEnd(hash: PaymentHash, ending: Ending, stored: boolean): void {
    const known = watched(hash);
    if (ending === 'cancel') {
      assert(
        known.paid !== 'pending',
        'an invoice is cancelled while its outgoing may still settle',
      );
      assert(known.paid !== 'settled', 'an invoice is cancelled though its outgoing settled');
    }
    if (known.issuedMsat === null) return;
    if (ending === 'settle') assert(known.accepted, 'a preimage leaves before it was Accepted');
    const other = known.ending !== null && known.ending !== ending;
    assert(!other, 'an invoice is settled and cancelled');
    if (known.ending === null) assert(stored, 'an invoice ends in a way that is not stored');
    known.ending = ending;
  }

  function checkOne(effect: Effect, stored: boolean): void {
    switch (effect.do) {
      case 'issueInvoice':
        watched(effect.paymentHash).issuedMsat = effect.amountMsat;
        return;
      case 'payInvoice':
        return checkPay(effect, stored);
      case 'settleInvoice':
        assert(isPreimageOf(effect.preimage, effect.paymentHash), 'a preimage that is none leaves');
        return checkEnd(effect.paymentHash, 'settle', stored);
      case 'cancelInvoice':
        return checkEnd(effect.paymentHash, 'cancel', stored);
      case 'send':
        if (effect.frame.kind === 'statements') checkStatements(effect.frame);
        if (effect.frame.kind === 'broadcast') checkBroadcast(effect.frame);
        return;
      default:
        return;
    }
  }

  /** A proof of payment is of our own payment, and of one that was made. */
  function checkBroadcast({ proof }: FrameOf<'broadcast'>): void {
    if (proof.kind !== 'proofOfPayment') return;
    const hash = paymentHashOf(proof.preimage);
    const paid = favours.has(hash) && watched(hash).paid === 'settled';
    assert(paid, 'a preimage is shown for work that was not paid for');
  }

  /** What a settler's statements let out. */
  function checkStatements(frame: FrameOf<'statements'>): void {
    const { networkPreimage, replyPreimage, unlock, abort } = frame;
    assert(unlock === null || abort === null, 'both an Unlock and an Abort leave');
    if (networkPreimage !== null) {
      const { issuedMsat, settled } = watched(paymentHashOf(networkPreimage));
      assert(issuedMsat === null || settled, 'a preimage is published before our own is Settled');
    }
    if (replyPreimage === null) return;
    const outcome = frame.outcome && Outcome.decode(frame.outcome.body);
    const owed = outcome !== null && !isFault(outcome) && outcome.gig === 'paid';
    assert(owed, "a gig's preimage leaves without the Outcome that owes it");
  }

  function restoreLeg({ hash, issuedMsat, unlockBy, settleDeadline, ...leg }: KeptLeg): void {
    const known = watched(hash);
    Object.assign(known, { issuedMsat, unlockBy });
    if (leg.paying === null) {
      known.ending = leg.ending;
      return;
    }
    Object.assign(known, { accepted: true, settleDeadline, paying: leg.paying, paid: leg.paid });
    known.ending = leg.ending;
  }

  function restorePayment({ hash, issuedMsat, accepted, settled, ending }: KeptPayment): void {
    Object.assign(watched(hash), { issuedMsat, accepted, settled, ending });
  }

  function restoreJob({ paying }: KeptJob): void {
    for (const [hash, invoice] of paying) watched(hash).paying = invoice;
  }

  function restoreFavour({ hash, invoice, paid }: KeptFavour): void {
    Object.assign(watched(hash), { paying: invoice, paid });
  }

  /** What a step writes: the owner's rules, until when a leg may pay onward, and what is paid in place of work. */
  function onStored(key: string, value: Uint8Array | null): void {
    if (value === null) {
      if (key.startsWith(favourKey)) favours.delete(key.slice(favourKey.length) as PaymentHash);
      // An invoice that is over is nobody's: whoever shows it to us again gets nothing for it.
      const sold = key.startsWith(soldKey) && hashes.get(key.slice(soldKey.length) as PaymentHash);
      if (sold) sold.issuedMsat = null;
      return;
    }
    if (key === 'policy') rules = { ...rules, ...readStored<Policy>(value) };
    const kept = readKept(key, value);
    if (kept?.kind === 'leg') watched(kept.hash).unlockBy = kept.unlockBy;
    if (kept?.kind === 'favour') favours.set(kept.hash, kept);
  }

  return {
    restore(entries) {
      for (const { key, value } of entries) {
        if (value === null) continue;
        onStored(key, value);
        const kept = readKept(key, value);
        if (kept?.kind === 'leg') restoreLeg(kept);
        if (kept?.kind === 'payment') restorePayment(kept);
        if (kept?.kind === 'job') restoreJob(kept);
        if (kept?.kind === 'favour') restoreFavour(kept);
      }
    },
    see(event) {
      switch (event.on) {
        case 'walletReady':
          walletShadow = event.shadowBlocks;
          height = Math.max(height, event.height);
          return;
        case 'height':
          height = Math.max(height, event.height);
          return;
        case 'invoiceAccepted': {
          const known = watched(event.paymentHash);
          known.accepted = true;
          known.settleDeadline = event.settleDeadline;
          return;
        }
        case 'invoiceSettled':
          watched(event.paymentHash).settled = true;
          return;
        case 'paymentSettled':
          // Without its preimage a payment is pending, whatever the wallet calls it.
          if (isPreimageOf(event.preimage, event.paymentHash)) {
            watched(event.paymentHash).paid = 'settled';
          }
          return;
        case 'paymentFailed': {
          const known = watched(event.paymentHash);
          if (known.paid !== 'settled') known.paid = 'failed';
          return;
        }
        default:
          return;
      }
    },
    check(effects) {
      let stored = false;
      let outward = false;
      for (const effect of effects) {
        if (effect.do === 'store') {
          assert(!outward, 'something left before the step was stored');
          stored = true;
          onStored(effect.key, effect.value);
        } else {
          outward ||= effect.do !== 'notify';
          checkOne(effect, stored);
        }
      }
    },
  };
}

function assert(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantBroken(rule);
}
