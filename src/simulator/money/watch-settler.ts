/** What an honest settler may say, and when: the half of the money invariants that is about keys and preimages. */
import {
  type FrameOf,
  type PaymentHash,
  type PeerKey,
  type PromiseId,
  type Signed,
} from '../../lib/protocol/index.ts';
import type { Ledger } from '../lightning.ts';

/** Somebody honest who is looked at. */
export interface Watched {
  readonly name: string;
  readonly lossCapMsat: bigint;
  /** What it may pay in place of work, for one ask and in a day. */
  readonly favours: { readonly mostMsat: bigint; readonly perDayMsat: bigint };
  readonly ledger: Ledger;
  /** Whose wallet an honest peer's is; null for anybody else. */
  honest(peer: PeerKey): string | null;
  /**
   * Its own wallet lies about payments, and the settler of this one cheats: that settler's signed Abort, which is fraud that it
   * can prove, may cost it what it paid onward.
   */
  excused(hash: PaymentHash): boolean;
  /** Its own wallet lies about payments, and the settler of this promise called it off: nobody can settle it any more. */
  calledOff(promised: Promised): boolean;
  violated(rule: string): void;
}

/** Who promised, and what. */
export interface Promised {
  readonly peer: PeerKey;
  readonly promiseId: PromiseId;
}

interface StoredSettlement {
  readonly state: string;
  readonly deal: {
    readonly networkPaymentHash: PaymentHash;
    readonly replierPeer: PeerKey;
    readonly terms: { readonly $bytes: string };
    readonly unlock: string;
  };
  readonly outcome?: { readonly gig: string };
  readonly published: Readonly<Record<string, unknown>>;
}

/** Decided once and for all: signed with other words another time, it is fraud. */
const final = ['networkAccepted', 'unlock', 'abort', 'outcome'] as const;

export class SettlerWatch {
  readonly #who: Watched;
  readonly #text: (key: string) => string;
  /** Bodies of what was said for good, by promise and kind. */
  readonly #said = new Map<string, string>();

  constructor(who: Watched, text: (key: string) => string) {
    this.#who = who;
    this.#text = text;
  }

  says(frame: FrameOf<'statements'>, to: PeerKey): void {
    const { promiseId } = frame;
    const text = this.#text(`settlement/${promiseId}`);
    if (text === '') return; // not a settlement of ours: a party talks
    for (const kind of final) {
      const signed = frame[kind];
      if (signed !== null) this.#onFinal(promiseId, kind, signed, text);
    }
    const both = this.#said.has(`${promiseId}/unlock`) && this.#said.has(`${promiseId}/abort`);
    this.#rule(!both, 2, 'unlocks and aborts');
    if (frame.networkPreimage === null && frame.replyPreimage === null) return;
    const { deal, published } = (JSON.parse(text) as { state: StoredSettlement }).state;
    if (frame.networkPreimage !== null) {
      const own = this.#who.ledger.account(this.#who.name).incoming.get(deal.networkPaymentHash);
      this.#rule(own?.state === 'settled', 2, 'publishes a preimage before it has its money');
    }
    if (frame.replyPreimage === null) return;
    const owed = this.#said.has(`${promiseId}/paid`);
    this.#rule(owed, 2, 'gives the gig away before it is decided');
    const known = to === deal.replierPeer || 'settledReport' in published;
    this.#rule(known, 2, 'publishes the gig before the worker has its money');
  }

  #onFinal(promiseId: string, kind: (typeof final)[number], signed: Signed, text: string): void {
    const body = Buffer.from(signed.body).toString('hex');
    const key = `${promiseId}/${kind}`;
    const before = this.#said.get(key);
    this.#rule(before === undefined || before === body, 2, `says another ${kind} than before`);
    if (before !== undefined) return;
    this.#said.set(key, body);
    this.#rule(text.includes(body), 4, `says a ${kind} that it might forget`);
    if (kind === 'unlock') this.#onUnlock(text);
    // Field 2 of an outcome is the gig: 1 paid.
    if (kind === 'outcome' && body.slice(68, 72) === '1001')
      this.#said.set(`${promiseId}/paid`, '');
  }

  /** The contact opens only when both payments are held; with `unlock: preimage`, when the network's is. */
  #onUnlock(text: string): void {
    const { deal } = (JSON.parse(text) as { state: StoredSettlement }).state;
    const own = this.#who.ledger.account(this.#who.name).incoming.get(deal.networkPaymentHash);
    // With `unlock: preimage` it collects with the same words, and may say them again after a restart.
    const isHeld = own?.state === 'accepted';
    const isCollected = deal.unlock === 'preimage' && own?.state === 'settled';
    this.#rule(isHeld || isCollected, 2, 'unlocks before the network is paid');
    const replier = this.#who.honest(deal.replierPeer);
    if (replier === null || deal.unlock === 'preimage') return;
    const { incoming } = this.#who.ledger.account(replier);
    const held = [...incoming].some(
      ([hash, { state }]) => state !== 'open' && deal.terms.$bytes.includes(hash),
    );
    this.#rule(held, 2, 'unlocks before the gig is paid');
  }

  #rule(holds: boolean, invariant: number, broken: string): void {
    if (!holds) this.#who.violated(`${invariant}: ${this.#who.name} ${broken}`);
  }
}
