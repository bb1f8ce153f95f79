/** What several views of the app are made of. Types only. */
import type { PartyKey, PaymentHash } from './ids.ts';
import type { Property } from './wire/messages.ts';

export interface CertificateView {
  readonly publicKey: PartyKey;
  readonly name: string;
  readonly properties: readonly Property[];
  readonly notValidBeforeMs: number;
  readonly notValidAfterMs: number;
  readonly certAuthName: string;
  readonly root: PartyKey;
}

/** One HODL payment as its owner sees it. */
export interface PaymentView {
  readonly paymentHash: PaymentHash;
  readonly direction: 'in' | 'out';
  /** What it is for: the gossip network's delivery of the reply, or the gig itself. */
  readonly purpose: 'network' | 'gig';
  readonly amountMsat: bigint;
  readonly state: 'planned' | 'issued' | 'pending' | 'accepted' | 'settled' | 'cancelled';
  /** Latest block at which held money comes back if nothing else happens; 0 when nothing is held. */
  readonly backByHeight: number;
  /** Hex of the preimage, once it is settled: whoever has it can prove that this was paid. */
  readonly proof?: string;
}

export interface ChatLine {
  readonly seq: number;
  readonly mine: boolean;
  readonly text: string;
  readonly atMs: number;
  /** The other side has it. */
  readonly delivered: boolean;
}
