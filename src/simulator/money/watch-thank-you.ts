/**
 * What an honest node may do where there is no settler: the customer says thank you only once it is paid itself, the worker pays
 * no more than it said, and brings its contact only to who thanked it.
 */
import {
  readInvoice,
  readStored,
  isFault,
  type FrameOf,
  type PaymentHash,
  type ReplyDigest,
  type WalletEffect,
} from '../../lib/protocol/index.ts';
import type { Watched } from './watch-settler.ts';

/** A customer's thank you, as it is stored. */
export interface StoredThankYou {
  readonly state: string;
  readonly reply: { readonly digest: ReplyDigest };
  readonly thanks?: { readonly paymentHash: PaymentHash } | null;
  readonly settled?: boolean;
}

/** A worker's reply. */
export interface StoredUnsettled {
  readonly state: string;
  readonly offer: { readonly digest: ReplyDigest; readonly replyLimitMsat: bigint };
  readonly price?: { readonly paymentHash: PaymentHash; readonly amountMsat: bigint } | null;
}

type Disk = ReadonlyMap<string, Uint8Array>;

export function thankYousOn(disk: Disk): StoredThankYou[] {
  return on<StoredThankYou>(disk, 'thank-you/');
}

export function unsettledOn(disk: Disk): StoredUnsettled[] {
  return on<StoredUnsettled>(disk, 'unsettled/');
}

function on<Stored>(disk: Disk, prefix: string): Stored[] {
  const found: Stored[] = [];
  for (const [key, value] of disk)
    if (key.startsWith(prefix)) found.push(readStored<Stored>(value));
  return found;
}

export class ThankYouWatch {
  readonly #who: Watched;
  readonly #disk: Disk;

  constructor(who: Watched, disk: Disk) {
    this.#who = who;
    this.#disk = disk;
  }

  /** A payment that begins: is it a reply's price, and within what its worker said? */
  pays({ paymentHash, amountMsat }: Extract<WalletEffect, { do: 'payInvoice' }>): void {
    for (const { price, offer } of unsettledOn(this.#disk)) {
      if (price?.paymentHash !== paymentHash) continue;
      this.#rule(amountMsat <= offer.replyLimitMsat, 3, 'pays more for its reply than it said');
    }
  }

  /** Is this the secret of a thank you that is durably being said? */
  remembers(paymentHash: PaymentHash): boolean {
    return thankYousOn(this.#disk).some(
      ({ state, thanks }) =>
        thanks?.paymentHash === paymentHash && (state === 'Releasing' || state === 'Met'),
    );
  }

  settles(paymentHash: PaymentHash): void {
    if (!this.remembers(paymentHash)) return;
    const { state } = this.#account.incoming.get(paymentHash) ?? { state: 'open' };
    this.#rule(state !== 'open', 2, 'says thank you before it is paid');
  }

  /** An invoice of ours goes on only with a machine that remembers it. */
  asksThanks(frame: FrameOf<'thankYouHash'>): void {
    const fields = readInvoice(frame.thankYouInvoice);
    if (isFault(fields)) return;
    const { paymentHash } = fields;
    const own = this.#account.incoming.get(paymentHash)?.invoice === frame.thankYouInvoice;
    const known =
      this.#disk.has(`leg/${paymentHash}`) ||
      thankYousOn(this.#disk).some(({ thanks }) => thanks?.paymentHash === paymentHash);
    this.#rule(!own || known, 4, 'asks to be paid for what it might forget');
  }

  brings({ replyDigest }: FrameOf<'contactKey'>): void {
    const made = unsettledOn(this.#disk).find(({ offer }) => offer.digest === replyDigest);
    const hash = made?.price?.paymentHash;
    const paid = hash !== undefined && this.#account.outgoing.get(hash)?.state === 'settled';
    this.#rule(paid, 2, 'gives its contact to somebody that has not thanked');
  }

  get #account() {
    return this.#who.ledger.account(this.#who.name);
  }

  #rule(holds: boolean, invariant: number, broken: string): void {
    if (!holds) this.#who.violated(`${invariant}: ${this.#who.name} ${broken}`);
  }
}
