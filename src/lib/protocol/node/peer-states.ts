/** What a node knows of a peer beyond its session, and keeps for it. Whitepaper: silent. */
import type { FaultCode } from '../faults.ts';
import type { Frame } from '../frame.ts';
import type { PeerKey } from '../ids.ts';
import type { AskTerms } from '../roles/originator.ts';

/** What is known of a peer beyond its session. */
export interface PeerRecord {
  readonly peer: PeerKey;
  addresses: readonly string[];
  connected: boolean;
  direct: boolean;
  dialled: boolean;
  faults: number;
  lastFault: FaultCode | null;
}

/** An ask, or its broadcast, that may not have arrived (`asked-again.ts`). */
export interface UnsureAsk {
  readonly ask: AskTerms;
  /** When the last of it was sent, ms. */
  readonly atMs: number;
  /** Its connection is gone. */
  readonly lost: boolean;
}

/** A frame for a peer that is away, or that it may not have got (`outbox.ts`). */
export interface HeldFrame {
  /** Hex of 16 bytes of the frame's hash. */
  readonly id: string;
  readonly frame: Frame;
  /** Its size. */
  readonly bytes: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** How many times it was sent. */
  readonly tries: number;
  /** Null while it waits. */
  readonly sentAtMs: number | null;
  /** A reply: its peer is called for it, and the disk remembers it. */
  readonly lasts: boolean;
  readonly stored: boolean;
  /** Whose it is: `leg/...`, `offer/...`, `payload/...`; "" where nobody takes it back. */
  readonly owner: string;
}
