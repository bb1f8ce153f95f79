/** What the app may ask of a node, and why a command is not taken. */
import type { Topic, TopicKind, TopicOf } from './wire/topic-messages.ts';
import type { ApplicationId, OfferId, PartyKey, PayloadId, PeerKey, PromiseId } from './ids.ts';
import type { Applicant } from './job/properties.ts';
import type { Policy } from './policy.ts';
import type { ThankYouCommand } from './thank-you-commands.ts';
import type { Property } from './wire/messages.ts';

/** A job as the customer states it; what its fields mean is told in `wire/gig-gossip.proto`. */
export type TopicView = Topic;
/** One kind of job: `TopicViewOf<'stay'>`. */
export type TopicViewOf<Kind extends TopicKind> = TopicOf<Kind>;
export type { TopicKind };

export type Command =
  | { readonly command: 'connectWallet'; readonly uri: string }
  | { readonly command: 'disconnectWallet' }
  /** Let the wallet try once more to carry replies for a fee, after it failed to. */
  | { readonly command: 'retryRelaying' }
  /** The relays to use; whether more may be learned from peers stays as it is unless said. */
  | { readonly command: 'useRelays'; readonly relays: readonly string[]; readonly learn?: boolean }
  /** Trust a settler's root key and learn its present certificate from the node it runs. */
  | {
      readonly command: 'addSettler';
      readonly root: PartyKey;
      readonly peer: PeerKey;
      readonly addresses: readonly string[];
    }
  | { readonly command: 'removeSettler'; readonly root: PartyKey }
  /** Make promises with a settler again although it is proven to have lied. */
  | { readonly command: 'forgiveSettler'; readonly root: PartyKey }
  | { readonly command: 'becomeSettler'; readonly name: string }
  | { readonly command: 'setPolicy'; readonly policy: Partial<Policy> }
  | {
      readonly command: 'applyForCertificate';
      readonly root: PartyKey;
      readonly name: Applicant;
      /** Free text for the settler's eyes only, 1 to 1,000 bytes. */
      readonly statement: string;
    }
  | {
      readonly command: 'postJob';
      readonly topic: TopicView;
      /** Replies without a settler are welcome too; no unless said. */
      readonly acceptsThankYou?: boolean;
    }
  /** Customer: a part of a job is paid; its worker is asked for the next. */
  | { readonly command: 'postNextPart'; readonly payloadId: PayloadId }
  | { readonly command: 'cancelJob'; readonly payloadId: PayloadId }
  | {
      readonly command: 'chooseReply';
      readonly payloadId: PayloadId;
      readonly promiseId: PromiseId;
    }
  | { readonly command: 'confirmJob'; readonly payloadId: PayloadId }
  /** Customer: nobody could be reached, or nobody came. */
  | { readonly command: 'reportNoContact'; readonly payloadId: PayloadId }
  /** Either side: the settler is to judge. What is said is for its eyes only, at most 2,000 bytes. */
  | { readonly command: 'dispute'; readonly promiseId: PromiseId; readonly text: string }
  /** Either side of a matched job: call it off together; both payments go back once both said so. */
  | { readonly command: 'cancelTogether'; readonly promiseId: PromiseId }
  | {
      readonly command: 'makeOffer';
      readonly payloadId: PayloadId;
      readonly priceMsat: bigint;
      /** Told to the customer once both payments are held: name, plate, phone. At most 500 bytes. */
      readonly contactText: string;
      /** What opens the contact; `both-accepted` unless said. */
      readonly unlock?: 'both-accepted' | 'preimage';
      /** When the network should be paid; as its kind of job has it unless said. The settler decides. */
      readonly settleOn?: 'service' | 'contact';
    }
  | { readonly command: 'withdrawOffer'; readonly offerId: OfferId }
  /** Worker: the job is done. The claim goes to the settler inside its window. */
  | { readonly command: 'announceDone'; readonly offerId: OfferId }
  /** Worker: the customer's complaint is right, the gig is not owed. */
  | { readonly command: 'concede'; readonly offerId: OfferId }
  /** Say something to the other side of a matched job. At most 2,000 bytes. */
  | { readonly command: 'say'; readonly promiseId: PromiseId; readonly text: string }
  | {
      readonly command: 'approveApplication';
      readonly applicationId: ApplicationId;
      /** What was checked: their certificates carry this and nothing else. */
      readonly properties: readonly Property[];
    }
  | {
      readonly command: 'refuseApplication';
      readonly applicationId: ApplicationId;
      readonly reason: string;
    }
  /** Settler role: a ruling in a dispute. The gig paid means the network paid. */
  | {
      readonly command: 'rulePromise';
      readonly promiseId: PromiseId;
      readonly gig: 'paid' | 'refunded';
      readonly network: 'paid' | 'refunded';
    }
  /** Issue no more certificates to somebody approved before; those they have lapse within 7 days. */
  | {
      readonly command: 'revokeMembership';
      readonly applicationId: ApplicationId;
      readonly reason: string;
      /** Take back what they have at once: it goes on the list that everybody looks at, where it can be seen to be one person's. */
      readonly atOnce: boolean;
    }
  | { readonly command: 'settlePromise'; readonly promiseId: PromiseId }
  | { readonly command: 'abortPromise'; readonly promiseId: PromiseId }
  | ThankYouCommand;

/** Why a command was not taken. Nothing has changed. */
export type RejectionCode =
  | 'GEOHASH_MALFORMED'
  | 'GEOHASH_TOO_COARSE'
  | 'GEOHASH_TOO_EXACT'
  | 'WINDOW_IN_THE_PAST'
  | 'WINDOW_BACKWARDS'
  | 'WINDOW_TOO_LONG'
  | 'VALUE_OUT_OF_RANGE'
  /** Longer than money can be held: split it into parts. */
  | 'HOLD_TOO_LONG'
  /** The network of a short job is paid with the service only. */
  | 'SETTLE_TOO_EARLY'
  | 'AMOUNT_TOO_SMALL'
  | 'AMOUNT_TOO_LARGE'
  | 'BALANCE_TOO_SMALL'
  | 'TEXT_EMPTY'
  | 'TEXT_TOO_LONG'
  | 'NO_CERTIFICATE'
  | 'CERTIFICATE_AWAITED'
  | 'CERTIFICATE_REVOKED'
  | 'NO_FRESH_HEAD'
  | 'PROPERTY_UNKNOWN'
  | 'NO_WALLET'
  | 'WALLET_CANNOT_HOLD'
  | 'WALLET_ADDRESS_MALFORMED'
  | 'NO_PEERS'
  | 'NO_SETTLER'
  | 'SETTLER_LIED'
  | 'SETTLER_WANTED'
  | 'AGAINST_RULES'
  | 'UNKNOWN_JOB'
  | 'UNKNOWN_OFFER'
  | 'UNKNOWN_PROMISE'
  | 'UNKNOWN_APPLICATION'
  | 'WRONG_TIME'
  | 'TOO_LATE'
  | 'TOO_MANY'
  | 'ADDRESS_MALFORMED';
