/**
 * The money invariants of the architecture, asserted while the node runs: a second pair of eyes that sees only what goes to the
 * wallet and what comes from it, and knows nothing of the machines. A violation stops the node before the wallet hears of it.
 *
 * 1. Nobody pays onward before being paid, with less time left than the budget asks, or more than is paid.
 * 2. A preimage leaves only if it is one; nobody cancels while its own outgoing payment may still settle.
 * 4. A payment is stored before it is made.
 * 5. A hash is paid for one invoice only.
 */
import {
  isFault,
  isPreimageOf,
  limits,
  readInvoice,
  readStored,
  routeBlocks,
  type Effect,
  type Event,
  type PaymentHash,
  type StoreEntry,
} from '../protocol/index.ts';

interface Watched {
  /** Amount of the invoice we issued on this hash, msat; null if we issued none. */
  issuedMsat: bigint | null;
  accepted: boolean;
  settleDeadline: number;
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

export function createMoneyGuard(): MoneyGuard {
  const hashes = new Map<PaymentHash, Watched>();
  let height = 0;

  function watched(hash: PaymentHash): Watched {
    const known = hashes.get(hash);
    if (known) return known;
    const fresh: Watched = {
      issuedMsat: null,
      accepted: false,
      settleDeadline: 0,
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
    if (effect.mayBegin && known.issuedMsat !== null) {
      checkOnward(known, amountMsat, fields.minFinalCltv);
    }
    known.paying = invoice;
    if (known.paid === 'no') known.paid = 'pending';
  }

  function checkOnward(known: Watched, amountMsat: bigint, finalCltv: number): void {
    assert(known.accepted, 'a payment is passed on before it was Accepted');
    assert(amountMsat <= (known.issuedMsat ?? 0n), 'more is paid onward than is paid');
    const needed = height + finalCltv + routeBlocks + limits.graceBlocks;
    assert(known.settleDeadline >= needed, 'a payment is passed on with too little time left');
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
        return;
      case 'cancelInvoice': {
        const { paid } = watched(effect.paymentHash);
        assert(paid !== 'pending', 'an invoice is cancelled while its outgoing may still settle');
        assert(paid !== 'settled', 'an invoice is cancelled though its outgoing settled');
        return;
      }
      default:
        return;
    }
  }

  function restoreLeg({ state, terms, settleDeadline }: StoredLeg): void {
    const known = watched(terms.paymentHash);
    known.issuedMsat = terms.incomingMsat;
    if (!['Paying', 'Consulting', 'Settling'].includes(state)) return;
    known.accepted = true;
    known.settleDeadline = settleDeadline ?? 0;
    known.paying = terms.outgoingInvoice;
    known.paid = state === 'Paying' ? 'pending' : 'failed';
  }

  function restoreJob({ chosen, money }: StoredJob): void {
    if (!chosen || !money) return;
    if (money.network !== 'planned') {
      watched(chosen.networkPaymentHash).paying = chosen.networkInvoice;
    }
    if (money.reply !== 'planned') {
      watched(chosen.terms.replyPaymentHash).paying = chosen.replyInvoice;
    }
  }

  return {
    restore(entries) {
      for (const { key, value } of entries) {
        if (value === null) continue;
        if (key.startsWith('leg/')) restoreLeg(readStored<StoredLeg>(value));
        if (key.startsWith('job/')) restoreJob(readStored<StoredJob>(value));
      }
    },
    see(event) {
      switch (event.on) {
        case 'height':
        case 'walletReady':
          height = Math.max(height, event.height);
          return;
        case 'invoiceAccepted': {
          const known = watched(event.paymentHash);
          known.accepted = true;
          known.settleDeadline = event.settleDeadline;
          return;
        }
        case 'paymentSettled':
          watched(event.paymentHash).paid = 'settled';
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
        } else {
          outward ||= effect.do !== 'notify';
          checkOne(effect, stored);
        }
      }
    },
  };
}

/** The part of a stored leg that the guard reads. */
interface StoredLeg {
  readonly state: string;
  readonly settleDeadline?: number;
  readonly terms: {
    readonly paymentHash: PaymentHash;
    readonly incomingMsat: bigint;
    readonly outgoingInvoice: string;
  };
}

/** The part of a stored job that the guard reads; a job that has not chosen has neither. */
interface StoredJob {
  readonly chosen?: {
    readonly networkPaymentHash: PaymentHash;
    readonly networkInvoice: string;
    readonly replyInvoice: string;
    readonly terms: { readonly replyPaymentHash: PaymentHash };
  };
  readonly money?: { readonly network: string; readonly reply: string };
}

function assert(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantBroken(rule);
}
