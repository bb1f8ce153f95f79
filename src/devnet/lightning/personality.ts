/**
 * How a devnet wallet differs from an ideal one, so that the devnet is as bad as the world: each
 * trait was read in a real wallet's source (research of August 2026) or follows from NIP-47's
 * silence.
 */
export interface Personality {
  /** Offers hold invoices. `claimed` says so in its info event, but its get_info knows better. */
  readonly holds: 'yes' | 'no' | 'claimed';
  /** May pay a hash that it has an invoice for. */
  readonly paysHeld: boolean;
  /**
   * What pay_invoice answers: the end of the payment when it is there, an error that it is in
   * flight at once, success with an empty preimage at once, or nothing ever.
   */
  readonly payAnswer: 'final' | 'in-flight' | 'empty' | 'none';
  /** Look-ups call an accepted invoice expired. */
  readonly acceptedLooksExpired: boolean;
  /** An invoice can be cancelled before it is paid. */
  readonly cancelsUnpaid: boolean;
  /** Sends notifications. */
  readonly notifies: boolean;
  /** Answers requests at all. */
  readonly answers: boolean;
  /** ms that an answer takes. */
  readonly answersAfterMs: number;
  /** What get_info says; every devnet wallet is on regtest. */
  readonly network: string;
  /** What is wrong with the invoices it makes. */
  readonly invoices: 'right' | 'wrong-amount' | 'short-cltv';
}

/** Like Alby Hub on LND, which can do all that a paid role needs. */
export const ordinary: Personality = {
  holds: 'yes',
  paysHeld: true,
  payAnswer: 'final',
  acceptedLooksExpired: false,
  cancelsUnpaid: false,
  notifies: true,
  answers: true,
  answersAfterMs: 0,
  network: 'regtest',
  invoices: 'right',
};

/** By the names under which the practice network's host makes them; several may be combined. */
export const personalities: Readonly<Record<string, Partial<Personality>>> = {
  ordinary,
  slow: { answersAfterMs: 1_500 },
  silent: { notifies: false },
  'in-flight': { payAnswer: 'in-flight' },
  'no-preimage': { payAnswer: 'empty' },
  'no-answer-to-pay': { payAnswer: 'none' },
  'no-holds': { holds: 'no' },
  'claims-holds': { holds: 'claimed' },
  'one-hash-once': { paysHeld: false },
  'held-looks-expired': { acceptedLooksExpired: true },
  'wrong-amounts': { invoices: 'wrong-amount' },
  'short-cltv': { invoices: 'short-cltv' },
  dead: { answers: false },
};

/** `slow,silent`: both. Null if a name is unknown. */
export function personalityOf(names: string): Partial<Personality> | null {
  const parts = names.split(',').map((name) => personalities[name]);
  return parts.includes(undefined) ? null : Object.assign({}, ...parts);
}
