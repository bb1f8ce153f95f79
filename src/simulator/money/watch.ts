/**
 * The money invariants (architecture, "Money invariants"), checked at every effect of every honest node by somebody who sees
 * what really is: the ledger's books, what is durable on the node's disk, and what the node was told. Knows nothing of how the
 * machines decide; the runtime's own guard looks from the inside, this one from the outside.
 */
import {
  decodeFrame,
  isFault,
  isPreimageOf,
  limits,
  readInvoice,
  readStored,
  type FrameOf,
  type NetworkEffect,
  type PaymentHash,
  type PeerKey,
  type PromiseId,
  type StoreEntry,
  type WalletEffect,
  type WalletEvent,
} from '../../lib/protocol/index.ts';
import type { StoreEffect, StoreEvent } from '../../lib/runtime/ports.ts';
import type { Account } from '../lightning.ts';
import { FavourWatch } from './watch-favours.ts';
import { SettlerWatch, type Promised, type Watched } from './watch-settler.ts';
import { ThankYouWatch } from './watch-thank-you.ts';

export type { Watched } from './watch-settler.ts';

type Pay = Extract<WalletEffect, { do: 'payInvoice' }>;

/** Blocks by which an outgoing payment may outlast its final CLTV, but for its shadow: decision 4's 3 + H·d. */
const routeBlocks = limits.finalCltvSlack + limits.forwarders * limits.forwarderBlocks;

/** Longest between an event and what its step does: disks are quick, but a step waits for the one before it. */
const stepMs = 1_000;

export class Watch {
  readonly #who: Watched;
  readonly #settler: SettlerWatch;
  /** What it paid and was paid in place of work. */
  readonly favours: FavourWatch;
  readonly #thanks: ThankYouWatch;
  /** What is durable, as text: a crash right now would leave this. */
  readonly disk = new Map<string, Uint8Array>();
  readonly #writes = new Map<number, readonly StoreEntry[]>();
  readonly #paid = new Map<PaymentHash, string>();
  readonly #saidFailed = new Set<PaymentHash>();
  /** Jobs of ours, and the hashes paid for each, with the promise each was paid on. */
  readonly #paidForJob = new Map<string, Map<PaymentHash, Promised>>();
  #height = 0;
  /** What it was told before, and when that changed: a step may have begun with that. */
  #heightBefore = 0;
  #heightSinceMs = 0;

  constructor(who: Watched) {
    this.#who = who;
    this.#settler = new SettlerWatch(who, (key) => this.#text(key));
    this.favours = new FavourWatch(who, this.disk);
    this.#thanks = new ThankYouWatch(who, this.disk);
  }

  // -------------------------------------------------------------------------- what the node is told

  wallet(event: WalletEvent, nowMs: number): void {
    if (event.on === 'paymentFailed') this.#saidFailed.add(event.paymentHash);
    if (event.on !== 'height' && event.on !== 'walletReady') return;
    if (event.height <= this.#height) return;
    this.#heightBefore = this.#heightAt(nowMs);
    this.#height = event.height;
    this.#heightSinceMs = nowMs;
  }

  /** What a step that ends now, and began less than a second ago, may have gone by. */
  #heightAt(nowMs: number): number {
    return nowMs - this.#heightSinceMs < stepMs ? this.#heightBefore : this.#height;
  }

  storing(effect: StoreEffect): void {
    if (effect.do === 'write') this.#writes.set(effect.id, effect.entries);
  }

  stored(event: StoreEvent): void {
    if (event.on === 'loaded') {
      // A new life: what the disk kept of unfinished writes is in here.
      this.disk.clear();
      this.#writes.clear();
      this.#keep(event.entries);
    } else if (event.on === 'written') {
      this.#keep(this.#writes.get(event.id) ?? []);
      this.#writes.delete(event.id);
    }
  }

  #keep(entries: readonly StoreEntry[]): void {
    for (const { key, value } of entries) {
      if (value === null) this.disk.delete(key);
      else this.disk.set(key, value);
    }
  }

  /** What a job calls settled is settled. */
  believes(effect: StoreEffect): void {
    if (effect.do !== 'write') return;
    for (const { key, value } of effect.entries) {
      if (!key.startsWith('job/') || value === null) continue;
      const text = Buffer.from(value).toString('latin1');
      if (!text.includes(':"settled"')) continue;
      const { chosen, money } = JSON.parse(text).state as StoredJob;
      if (chosen && money) this.#believes(chosen, money);
    }
  }

  #believes(chosen: Chosen, { network, reply }: Money): void {
    const { outgoing } = this.#account;
    const settled = (hash: PaymentHash) => outgoing.get(hash)?.state === 'settled';
    const isTrue =
      (network !== 'settled' || settled(chosen.networkPaymentHash)) &&
      (reply !== 'settled' || settled(chosen.terms.replyPaymentHash));
    this.#rule(isTrue, 5, 'calls a payment settled that is not');
  }

  // ------------------------------------------------------------------------------- what it asks for

  asks(effect: WalletEffect, nowMs: number): void {
    switch (effect.do) {
      case 'payInvoice':
        return this.#onPay(effect, nowMs);
      case 'settleInvoice': {
        const { paymentHash, preimage } = effect;
        this.favours.settles(paymentHash);
        this.#rule(isPreimageOf(preimage, paymentHash), 2, 'settles with no preimage');
        this.#thanks.settles(paymentHash);
        const remembers =
          this.#remembers(paymentHash, 'Settling') || this.#thanks.remembers(paymentHash);
        return this.#rule(remembers, 4, 'settles what it might forget');
      }
      case 'cancelInvoice': {
        const { paymentHash } = effect;
        if (this.#who.excused(paymentHash)) return;
        const promised = this.promisedOfLeg(paymentHash);
        if (promised && this.#who.calledOff(promised)) return;
        const out = this.#account.outgoing.get(paymentHash);
        this.#rule(out?.state !== 'pending', 1, 'cancels while it pays onward');
        return this.#rule(out?.state !== 'settled', 1, 'cancels though it paid onward');
      }
      default:
        return;
    }
  }

  sends(effect: NetworkEffect): void {
    if (effect.do !== 'transmit') return;
    // The first byte says which frame it is; only these are about money.
    const [tag] = effect.bytes;
    if (!Object.values(tags).includes(tag!)) return;
    const frame = decodeFrame(effect.bytes);
    if (isFault(frame)) return;
    if (frame.kind === 'reply') return this.#onReply(frame);
    if (frame.kind === 'thankYouHash') return this.#thanks.asksThanks(frame);
    if (frame.kind === 'contactKey') return this.#thanks.brings(frame);
    if (frame.kind === 'draft') {
      const key = `settlement/${frame.promiseId}`;
      return this.#rule(this.disk.has(key), 4, 'drafts what it might forget');
    }
    if (frame.kind === 'statements') this.#settler.says(frame, effect.peer);
  }

  // ------------------------------------------------------------------------------------------ rules

  #onPay(effect: Pay, nowMs: number): void {
    const { paymentHash, invoice } = effect;
    const known = this.#paid.get(paymentHash);
    this.#rule(known === undefined || known === invoice, 5, 'pays a hash for two invoices');
    const begun = this.#account.outgoing.has(paymentHash);
    if (begun || !effect.mayBegin) return;
    this.#paid.set(paymentHash, invoice);
    const isFavour = this.favours.pays(effect);
    const remembers =
      isFavour || this.#remembers(paymentHash, 'Paying') || this.#hasJob(paymentHash);
    this.#rule(remembers, 4, 'pays what it might forget');
    this.#thanks.pays(effect);
    const incoming = this.#account.incoming.get(paymentHash);
    if (incoming) this.#onPayOnward(effect, incoming, nowMs);
  }

  #onPayOnward(
    effect: Pay,
    incoming: Account['incoming'] extends Map<unknown, infer I> ? I : never,
    nowMs: number,
  ) {
    const { amountMsat, invoice } = effect;
    const fields = readInvoice(invoice);
    if (isFault(fields)) return this.#rule(false, 1, 'pays an invoice that is none');
    this.#rule(incoming.state === 'accepted', 1, 'pays onward before it is paid');
    const feeMsat = this.#account.feeMsat(amountMsat);
    const covered = amountMsat + feeMsat <= incoming.fields.amountMsat;
    this.#rule(covered, 1, 'pays onward more than it is paid');
    this.#rule(amountMsat <= this.#who.lossCapMsat, 1, 'pays onward above its cap');
    const { shadowBlocks } = this.#account;
    const lasts = fields.minFinalCltv + routeBlocks + shadowBlocks;
    const inTime = incoming.settleDeadline >= this.#heightAt(nowMs) + lasts + limits.graceBlocks;
    this.#rule(inTime, 1, 'pays onward with too little time left');
  }

  /** A reply goes on only with an invoice whose leg is remembered. */
  #onReply(frame: FrameOf<'reply'>): void {
    const fields = readInvoice(frame.networkInvoice);
    if (isFault(fields)) return;
    const { paymentHash } = fields;
    const own = this.#account.incoming.get(paymentHash)?.invoice === frame.networkInvoice;
    if (!own) return;
    const known = this.disk.has(`leg/${paymentHash}`) || this.#holds('settlement', paymentHash);
    this.#rule(known, 4, 'asks to be paid for what it might forget');
  }

  /** The job that this payment is for, on disk: of one job no more than a network's and a gig's payment are out at once. */
  #hasJob(paymentHash: PaymentHash): boolean {
    for (const key of this.disk.keys()) {
      if (!key.startsWith('job/') || !this.#text(key).includes(`"${paymentHash}"`)) continue;
      const { chosen } = JSON.parse(this.#text(key)).state as StoredJob;
      if (!chosen) continue;
      const { networkPaymentHash, terms } = chosen;
      if (networkPaymentHash !== paymentHash && terms.replyPaymentHash !== paymentHash) continue;
      const paid = this.#paidForJob.get(key) ?? new Map<PaymentHash, Promised>();
      const promised = { peer: chosen.settlerPeer, promiseId: chosen.promiseId };
      this.#paidForJob.set(key, paid.set(paymentHash, promised));
      // What came back, or what its settler signed off, may be paid for with another reply.
      const { outgoing } = this.#account;
      const out = [...paid].filter(([hash, on]) => {
        const payment = outgoing.get(hash);
        // What its wallet never began, and says so, never will: the wallet was out of reach.
        if (payment === undefined) return !this.#saidFailed.has(hash);
        return payment.state !== 'failed' && !this.#who.calledOff(on);
      });
      this.#rule(out.length <= 2, 5, 'pays for one job twice');
      return true;
    }
    return false;
  }

  /** Is the machine of this hash durably in this state? */
  #remembers(paymentHash: PaymentHash, state: string): boolean {
    const own = ['leg', 'favour-sold'].map((kind) => this.#text(`${kind}/${paymentHash}`));
    if (own.some((text) => text.includes(`"state":"${state}"`))) return true;
    for (const key of this.disk.keys()) {
      if (!/^(offer|settlement|unsettled)/.test(key)) continue;
      const text = this.#text(key);
      if (!text.includes(`"${paymentHash}"`)) continue;
      if (text.includes(`"state":"${state}"`)) return true;
      // A settler collects for the contact while the gig goes on.
      if (state === 'Settling' && text.includes('"network":"settling"')) return true;
    }
    return false;
  }

  /** The settler, and its promise, of what it carries on this hash; null where nobody promised. */
  promisedOfLeg(hash: PaymentHash): Promised | null {
    const stored = this.disk.get(`leg/${hash}`);
    return stored
      ? readStored<{ terms: { settler: Promised | null } }>(stored).terms.settler
      : null;
  }

  #holds(kind: string, word: string): boolean {
    for (const key of this.disk.keys()) {
      if (key.startsWith(`${kind}/`) && this.#text(key).includes(word)) return true;
    }
    return false;
  }

  #text(key: string): string {
    const value = this.disk.get(key);
    return value === undefined ? '' : Buffer.from(value).toString('latin1');
  }

  get #account(): Readonly<Account> {
    return this.#who.ledger.account(this.#who.name);
  }

  #rule(holds: boolean, invariant: number, broken: string): void {
    if (!holds) this.#who.violated(`${invariant}: ${this.#who.name} ${broken}`);
  }
}

interface Chosen {
  readonly promiseId: PromiseId;
  readonly settlerPeer: PeerKey;
  readonly networkPaymentHash: PaymentHash;
  readonly terms: { readonly replyPaymentHash: PaymentHash };
}

interface Money {
  readonly network: string;
  readonly reply: string;
}

interface StoredJob {
  readonly chosen?: Chosen;
  readonly money?: Money;
}

/** First byte of the frames that are looked at: field number and wire type 2, of more than 15 the lower half. */
const tags = {
  reply: tagOf(7),
  draft: tagOf(13),
  statements: tagOf(18),
  thankYouHash: tagOf(61),
  contactKey: tagOf(62),
};

function tagOf(field: number): number {
  const tag = (field << 3) | 2;
  return tag < 0x80 ? tag : (tag & 0x7f) | 0x80;
}
