/**
 * What real wallets do to their owners (each trait was read in a wallet's source or follows from NIP-47's silence), behind the
 * same port as the well-behaved one. A purse outlives its owner's device: what it has not told yet it tells the next life.
 */
import type { PaymentHash, WalletEffect, WalletEvent } from '../../lib/protocol/index.ts';
import type { Clock, WalletPort } from '../../lib/runtime/ports.ts';
import type { Ledger, WalletOptions } from '../lightning.ts';
import type { Dice } from './dice.ts';

export const personalities = [
  /** Takes its time for everything. */
  'slow',
  /** Sends no notifications: its adapter polls. */
  'polled',
  /** Answers nothing for a long while. */
  'silent',
  /** Says everything again, late. */
  'doubles',
  /** Says a payment succeeded, without a preimage, while it is in the air. */
  'empty preimage',
  /** Calls a payment failed that is still in the air. */
  'cries failed',
  /** Knows nothing, for a while, of what was begun before its owner's device started again. */
  'forgets',
  /** A forwarder of its payments is offline: how they end shows on chain only, when their time is over. */
  'ends on chain',
  /** Makes no hold invoices. */
  'cannot hold',
  /** Takes no second invoice or payment on a hash it has one for. */
  'one a hash',
  /** Adds blocks to what it pays, to hide where that ends. */
  'shadow',
  /** Its forwarders charge as much as the budget allows. */
  'dear',
  /** Has next to nothing in it. */
  'poor',
] as const;
export type PersonalityName = (typeof personalities)[number];

/** What the ledger itself must know of a personality. */
export function walletOptions(has: ReadonlySet<PersonalityName>, dice: Dice): WalletOptions {
  return {
    balanceMsat: has.has('poor') ? 5_000n : 1_000_000_000n,
    canHold: !has.has('cannot hold'),
    canPayHeld: !has.has('one a hash'),
    shadowBlocks: has.has('shadow') ? dice.between(40, 120) : 0,
    feeMsat: has.has('dear') ? worstFeeMsat : () => 0n,
  };
}

/** The most that forwarders charge: 1 %, or 10 sat. */
function worstFeeMsat(amountMsat: bigint): bigint {
  const onePercent = amountMsat / 100n;
  return onePercent > 10_000n ? onePercent : 10_000n;
}

type Deliver = (event: WalletEvent) => void;

export class Purse {
  readonly #name: string;
  readonly #has: ReadonlySet<PersonalityName>;
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #ledger: Ledger;
  /** Until then it behaves: towns are set up in peace. */
  ready = false;
  #lives = 0;
  #lastEventMs = 0;
  #lastEffectMs = 0;
  /** Payments whose end shows on chain only: the height at which it does. */
  readonly #endsAt = new Map<PaymentHash, number>();
  readonly #unheard: WalletEvent[] = [];
  readonly #lied = new Set<PaymentHash>();

  constructor(
    name: string,
    has: ReadonlySet<PersonalityName>,
    world: { readonly clock: Clock; readonly ledger: Ledger; readonly dice: Dice },
  ) {
    this.#name = name;
    this.#has = has;
    this.#clock = world.clock;
    this.#ledger = world.ledger;
    this.#dice = world.dice;
  }

  /** The purse's end towards one life of its node. */
  port(inner: WalletPort): WalletPort {
    if (this.#has.size === 0) return inner;
    const life = ++this.#lives;
    let listener: Deliver | null = null;
    const deliver: Deliver = (event) => {
      if (life === this.#lives) listener?.(event);
    };
    inner.listen((event) => this.#hear(event, deliver));
    return {
      listen: (heard) => {
        listener = heard;
      },
      perform: (effect) => this.#perform(effect, life > 1, deliver, () => inner.perform(effect)),
    };
  }

  #perform(effect: WalletEffect, reborn: boolean, deliver: Deliver, forward: () => void): void {
    if (!this.ready) return forward();
    const has = this.#has;
    if (effect.do === 'payInvoice') this.#beforePaying(effect.paymentHash, deliver);
    if (reborn && has.has('forgets') && this.#forgets(effect, deliver)) {
      return this.#clock.at(this.#clock.now() + 30_000, forward);
    }
    if (!has.has('slow')) return forward();
    this.#lastEffectMs = Math.max(this.#lastEffectMs, this.#clock.now() + this.#dice(8_000));
    this.#clock.at(this.#lastEffectMs, forward);
  }

  /** Lies it tells of a payment that has hardly begun. */
  #beforePaying(paymentHash: PaymentHash, deliver: Deliver): void {
    const lies = this.#has.has('empty preimage') || this.#has.has('cries failed');
    if (!lies || this.#lied.has(paymentHash)) return;
    this.#lied.add(paymentHash);
    const afterMs = this.#dice.between(100, 20_000);
    this.#clock.at(this.#clock.now() + afterMs, () => {
      const inTheAir = this.#ledger.account(this.#name).outgoing.get(paymentHash);
      if (inTheAir?.state !== 'pending') return;
      if (this.#has.has('empty preimage')) {
        deliver({ on: 'paymentSettled', paymentHash, preimage: new Uint8Array(0), feeMsat: 0n });
      } else deliver({ on: 'paymentFailed', paymentHash, reason: 'so says the wallet' });
    });
  }

  #forgets(effect: WalletEffect, deliver: Deliver): boolean {
    const soon = (event: WalletEvent) =>
      this.#clock.at(this.#clock.now() + 50, () => deliver(event));
    const { outgoing, incoming } = this.#ledger.account(this.#name);
    if (effect.do === 'followInvoice' && incoming.has(effect.paymentHash)) {
      const { paymentHash } = effect;
      const command = effect.do;
      const code = 'WALLET_REFUSED';
      soon({ on: 'walletFailed', command, paymentHash, code, retryable: false });
      return true;
    }
    if (effect.do !== 'payInvoice' || !outgoing.has(effect.paymentHash)) return false;
    soon({ on: 'paymentFailed', paymentHash: effect.paymentHash, reason: 'not in the wallet' });
    return true;
  }

  #hear(event: WalletEvent, deliver: Deliver): void {
    if (!this.ready) return deliver(event);
    const has = this.#has;
    if (has.has('ends on chain')) {
      if (event.on === 'height' || event.on === 'walletReady') this.#seeChain(deliver);
      if (this.#isHidden(event)) return void this.#unheard.push(event);
    }
    const waitMs = this.#waitMs(event);
    if (waitMs === 0 && this.#lastEventMs <= this.#clock.now()) deliver(event);
    else {
      this.#lastEventMs = Math.max(this.#lastEventMs, this.#clock.now() + waitMs);
      this.#clock.at(this.#lastEventMs, () => deliver(event));
    }
    if (!has.has('doubles')) return;
    for (let again = this.#dice(3); again > 0; again--) {
      this.#clock.at(this.#clock.now() + this.#dice(40_000), () => deliver(event));
    }
  }

  #waitMs(event: WalletEvent): number {
    const has = this.#has;
    if (has.has('slow')) return this.#dice(8_000);
    if (event.on === 'walletReady') return 0;
    if (has.has('silent')) return 20_000 + this.#dice(30_000);
    if (!has.has('polled')) return 0;
    const now = this.#clock.now();
    return Math.ceil(now / 10_000) * 10_000 - now;
  }

  /** Is this the end of a payment that cannot be seen yet? */
  #isHidden(event: WalletEvent): boolean {
    if (event.on !== 'paymentSettled' && event.on !== 'paymentFailed') return false;
    const { paymentHash } = event;
    const { height } = this.#ledger;
    const outgoing = this.#ledger.account(this.#name).outgoing.get(paymentHash);
    if (outgoing === undefined) return false;
    const known = this.#endsAt.get(paymentHash);
    const endsAt = known ?? outgoing.expiry - 1;
    this.#endsAt.set(paymentHash, endsAt);
    return height < endsAt;
  }

  #seeChain(deliver: Deliver): void {
    const due = this.#unheard.splice(0);
    for (const event of due) {
      if (this.#isHidden(event)) this.#unheard.push(event);
      else deliver(event);
    }
  }
}
