/**
 * Replier without a settler: replies at its own price, pays for the thank you, and brings the contact key when it has it. One
 * `UnsettledOffer` per reply. Sweet-Gossip: "Reply", "Validation and Verification", "Thank you".
 *
 *   Sent --ThankYouHash within our limit--> Paying --settled--> Opening --Validate--> Met
 *     |                                       |                    '---- nobody calls ----> Unmet
 *     '-- withdrawn, time, too dear --> Ended <-- came back (and if a wallet finds out later that it did not: Opening)
 *
 * What it can lose is the reply price, never more than its own limit: a sender may say thank you and never call.
 */
import type { FrameOf } from '../frame.ts';
import type {
  KeyName,
  OfferId,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
  ReplyDigest,
} from '../ids.ts';
import { openChannel, receive, say, undelivered, type Channel } from '../job/contact.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import {
  channelIdOf,
  openSenderContact,
  sealContactKey,
  type VerifiedThankYou,
} from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step, WalletEvent } from '../machine.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import type { SenderContact, Topic } from '../wire/messages.ts';

export interface UnsettledTerms {
  readonly offerId: OfferId;
  readonly digest: ReplyDigest;
  readonly payloadId: PayloadId;
  readonly topic: Topic;
  readonly senderKey: PartyKey;
  /** Price of the gig: paid between the two, held by nobody. */
  readonly priceMsat: bigint;
  /** The most bringing this reply may cost us. */
  readonly replyLimitMsat: bigint;
  readonly contactText: string;
  readonly contactKey: Uint8Array;
  readonly channelKey: Uint8Array;
  /** Hex digest of our message: Validate must name it. */
  readonly messageDigest: string;
  /** Names our certified key. */
  readonly certificate: KeyName;
  /** Who broadcast to us. */
  readonly upstream: PeerKey;
  readonly expiryMs: number;
  readonly madeAtMs: number;
}

/** The chain we pay for. */
export interface ReplyPrice {
  readonly paymentHash: PaymentHash;
  readonly invoice: string;
  readonly amountMsat: bigint;
  readonly finalCltv: number;
  readonly fundBy: number;
  readonly validTillMs: number;
  readonly sealedContact: Uint8Array;
  /** Height when we paid: what comes back comes back so long after it. */
  readonly paidAt: number;
}

interface Priced {
  readonly offer: UnsettledTerms;
  readonly price: ReplyPrice;
}

interface Paid extends Priced {
  readonly channel: Channel;
  readonly sender: SenderContact | null;
}

export type UnsettledOffer =
  | { readonly state: 'Sent'; readonly offer: UnsettledTerms }
  | ({ readonly state: 'Paying' } & Priced)
  | ({ readonly state: 'Opening'; readonly untilMs: number } & Paid)
  | ({ readonly state: 'Met' } & Paid)
  /** The thank you was said, and nobody called. */
  | ({ readonly state: 'Unmet' } & Paid)
  | {
      readonly state: 'Ended';
      readonly offer: UnsettledTerms;
      readonly reason: string;
      /** What we paid and the wallet said came back. */
      readonly price: ReplyPrice | null;
    };

export type UnsettledEvent =
  | {
      readonly on: 'thankYou';
      readonly verified: VerifiedThankYou;
      readonly frame: FrameOf<'thankYouHash'>;
    }
  | { readonly on: 'contact'; readonly frame: FrameOf<'contact'>; readonly from: PeerKey }
  | { readonly on: 'say'; readonly text: string }
  | { readonly on: 'withdraw' }
  /** The sender took its request back, or has another worker. */
  | { readonly on: 'calledOff' }
  | Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

export interface UnsettledContext extends Context {
  /** Of our certified key. */
  readonly secret: Uint8Array;
}

type State<S extends UnsettledOffer['state']> = Extract<UnsettledOffer, { state: S }>;

export const unsettledKey = (offerId: OfferId) => `unsettled/${offerId}`;

export function startUnsettled(
  offer: UnsettledTerms,
  frame: FrameOf<'thankYouReply'>,
): Step<UnsettledOffer> {
  const { upstream: to, expiryMs: untilMs } = offer;
  const send: Effect = {
    do: 'send',
    to,
    frame,
    untilMs,
    owner: unsettledKey(offer.offerId),
    owed: true,
  };
  return saved({ state: 'Sent', offer }, [send, wakeAt(offer, offer.expiryMs)]);
}

export function stepUnsettled(
  made: UnsettledOffer,
  event: UnsettledEvent,
  ctx: UnsettledContext,
): Step<UnsettledOffer> {
  switch (made.state) {
    case 'Sent':
      if (event.on === 'thankYou') return onThankYou(made, event, ctx);
      if (event.on === 'withdraw') return end(made, 'withdrawn');
      if (event.on === 'calledOff') return end(made, 'called-off');
      if (event.on === 'wake' && ctx.nowMs >= made.offer.expiryMs) return end(made, 'lapsed');
      if (event.on === 'resume') return [made, [wakeAt(made.offer, made.offer.expiryMs)]];
      return [made, []];
    case 'Paying':
      if (event.on === 'paymentSettled') return onSettled(made, event.preimage, ctx);
      if (event.on === 'paymentFailed') return end(made, 'unthanked', made.price);
      if (event.on === 'wake' || event.on === 'resume') return [made, payEffects(made, ctx)];
      return [made, []];
    case 'Opening':
      if (event.on === 'contact') return onContact(made, event, ctx);
      if (event.on === 'wake' && ctx.nowMs >= made.untilMs) return miss(made);
      if (event.on === 'wake' || event.on === 'resume') return [made, bringKey(made, ctx)];
      return [made, []];
    case 'Met':
      if (event.on === 'contact') return onContact(made, event, ctx);
      if (event.on === 'say') return onSay(made, event.text, ctx);
      if (event.on === 'wake' || event.on === 'resume') return [made, repeat(made, ctx)];
      return [made, []];
    case 'Unmet':
      if (event.on === 'contact') return onContact(made, event, ctx);
      return [made, []];
    case 'Ended':
      if (event.on === 'paymentSettled' && isPaid(made)) {
        return onSettled(made, event.preimage, ctx);
      }
      return [made, []];
  }
}

/** Is something still to come of it, or money of ours held? */
export function isUnsettledLive(made: UnsettledOffer): boolean {
  return made.state === 'Sent' || made.state === 'Paying' || made.state === 'Opening';
}

// -------------------------------------------------------------------------------------- the payment

function isPaid(made: State<'Ended'>): made is State<'Ended'> & Priced {
  return made.price !== null;
}

/** "The expense is secured by the condition of having confirmation": held until the sender says thank you. */
function onThankYou(
  made: State<'Sent'>,
  { verified, frame }: Extract<UnsettledEvent, { on: 'thankYou' }>,
  ctx: UnsettledContext,
): Step<UnsettledOffer> {
  const { thankYou, invoice } = verified;
  if (ctx.nowMs >= made.offer.expiryMs) return end(made, 'lapsed');
  if (invoice.amountMsat > made.offer.replyLimitMsat) return end(made, 'too-dear');
  const { paymentHash, fundBy, validTillMs, sealedContact } = thankYou;
  const price: ReplyPrice = {
    paymentHash,
    invoice: frame.thankYouInvoice,
    amountMsat: invoice.amountMsat,
    finalCltv: invoice.minFinalCltv,
    fundBy,
    validTillMs,
    sealedContact,
    paidAt: ctx.height,
  };
  const paying: State<'Paying'> = { state: 'Paying', offer: made.offer, price };
  return saved(paying, payEffects(paying, ctx));
}

/** The sender said thank you: the secret opens where it is, and it gets the key to our contact. */
function onSettled(
  made: State<'Paying'> | (State<'Ended'> & Priced),
  preimage: Uint8Array,
  ctx: UnsettledContext,
): Step<UnsettledOffer> {
  const { offer, price } = made;
  if (!isPreimageOf(preimage, price.paymentHash)) return [made, []];
  const by = { secret: ctx.secret, thankYouSecret: preimage, digest: offer.digest };
  const sender = openSenderContact(price.sealedContact, by);
  const channel = openChannel({
    promiseId: channelIdOf(offer.digest),
    side: 'replier',
    peer: null,
    addresses: [],
    key: offer.channelKey,
    opening: offer.messageDigest,
  });
  if (sender === null) return saved({ state: 'Unmet', offer, price, channel, sender }, []);
  const untilMs = ctx.nowMs + limits.contactKeyMs;
  const opening: State<'Opening'> = { state: 'Opening', offer, price, channel, sender, untilMs };
  return saved(opening, bringKey(opening, ctx));
}

function miss({ offer, price, channel, sender }: State<'Opening'>): Step<UnsettledOffer> {
  return saved({ state: 'Unmet', offer, price, channel, sender }, []);
}

function end(
  made: UnsettledOffer,
  reason: string,
  price: ReplyPrice | null = null,
): Step<UnsettledOffer> {
  return saved({ state: 'Ended', offer: made.offer, reason, price }, []);
}

// -------------------------------------------------------------------------------------- the contact

function onContact(
  made: State<'Opening' | 'Met' | 'Unmet'>,
  { frame, from }: Extract<UnsettledEvent, { on: 'contact' }>,
  ctx: UnsettledContext,
): Step<UnsettledOffer> {
  const heard = receive(made.channel, frame, from, ctx.nowMs);
  if (isFault(heard)) return [made, [{ do: 'fault', ...heard, peer: from }]];
  const { offer, price, sender } = made;
  const met: State<'Met'> = { state: 'Met', offer, price, sender, channel: heard.channel };
  const effects: Effect[] = heard.answer ? [{ do: 'send', to: from, frame: heard.answer }] : [];
  return saved(met, effects);
}

function onSay(made: State<'Met'>, text: string, ctx: UnsettledContext): Step<UnsettledOffer> {
  const channel = say(made.channel, { text, done: false }, ctx.nowMs);
  if (channel === null) return [made, []];
  const said = { ...made, channel };
  return saved(said, repeat(said, ctx));
}

// ------------------------------------------------------------------------------------------ effects

function isInTime({ fundBy, validTillMs }: ReplyPrice, ctx: Context): boolean {
  return ctx.height <= fundBy && ctx.nowMs < validTillMs;
}

/** Asked again from time to time: a payment that never began in time is then known to be none. */
function payEffects({ offer, price }: State<'Paying'>, ctx: Context): Effect[] {
  const { paymentHash, invoice, amountMsat } = price;
  const mayBegin = isInTime(price, ctx);
  const pay: Effect = { do: 'payInvoice', paymentHash, invoice, amountMsat, mayBegin };
  return [pay, wakeAt(offer, ctx.nowMs + limits.thankYouMs)];
}

/** The contact key, again and again until the sender calls: soon at first, then every quarter of an hour. */
function bringKey(made: State<'Opening'>, ctx: UnsettledContext): Effect[] {
  const { offer, sender, untilMs } = made;
  const broughtMs = ctx.nowMs - (untilMs - limits.contactKeyMs);
  const pauseMs = Math.min(Math.max(broughtMs, limits.repeatMs * 6), limits.contactPauseMs);
  const next = wakeAt(offer, Math.min(untilMs, ctx.nowMs + pauseMs));
  if (sender === null) return [next];
  const { senderKey, digest } = offer;
  const frame = sealContactKey(offer.contactKey, { senderKey, digest, random: ctx.random });
  return [{ do: 'send', to: sender.peerKey, frame, addresses: sender.addresses }, next];
}

/** What was not heard yet; on its own for as long as somebody may still answer, after that when there is a reason. */
function repeat({ offer, channel }: State<'Met'>, ctx: Context): Effect[] {
  const { peer: to, addresses } = channel;
  if (to === null) return [];
  const waiting = undelivered(channel);
  if (waiting.length === 0) return [];
  const sends = waiting.map((frame): Effect => ({ do: 'send', to, frame, addresses }));
  if (ctx.nowMs >= offer.expiryMs + limits.contactKeyMs) return sends;
  return [...sends, wakeAt(offer, ctx.nowMs + limits.repeatMs * 6)];
}

function wakeAt(offer: UnsettledTerms, atMs: number): Effect {
  return { do: 'wake', atMs, key: unsettledKey(offer.offerId) };
}

function saved(made: UnsettledOffer, effects: readonly Effect[]): Step<UnsettledOffer> {
  return [made, [store(unsettledKey(made.offer.offerId), made), ...effects]];
}
