/** What the app is shown of memberships, on both sides. Whitepaper: "Digital Certificates". */
import type { ApplicationId, PartyKey, PeerKey } from './ids.ts';
import type { Applicant } from './job/properties.ts';
import type { Property } from './wire/messages.ts';

/** Settler: its record of a person, from the application on. */
export interface MembershipView {
  readonly applicationId: ApplicationId;
  readonly publicKey: PartyKey;
  readonly peer: PeerKey;
  readonly name: Applicant;
  readonly statement: string;
  readonly receivedAtMs: number;
  readonly state: 'open' | 'active' | 'refused' | 'revoked';
  /** What was checked, and what their certificates say. */
  readonly properties: readonly Property[];
  readonly reason: string;
  /** Batches of certificates they were given. */
  readonly batches: number;
  /** What was done with it, oldest first. */
  readonly audit: readonly {
    readonly atMs: number;
    readonly did: 'applied' | 'approved' | 'refused' | 'revoked' | 'issued';
    readonly detail: string;
  }[];
}

/** A membership of our own with a settler. */
export interface OwnMembershipView {
  readonly applicationId: ApplicationId;
  readonly name: Applicant;
  readonly state: 'open' | 'active' | 'refused' | 'revoked';
  readonly reason: string;
  readonly properties: readonly Property[];
  /** Job certificates not used yet, and when they hold; 0 without any. */
  readonly left: number;
  readonly notValidBeforeMs: number;
  readonly notValidAfterMs: number;
}
