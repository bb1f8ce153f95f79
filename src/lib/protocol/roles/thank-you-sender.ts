/**
 * Sender without a settler: takes a reply by asking for its thank you, says thank you when it is paid for, and is brought the
 * contact. One `ThankYou` per reply. Sweet-Gossip: "Reply", "Validation and Verification", "Thank you".
 *
 *   Received --thank--> Issuing --> Asking --Accepted--> Releasing --Settled--> Released --contact key--> Met
 *       |                  |          |                      '------------- contact key ------------------^
 *       '---- time --------'--> Ended <-- Cancelling <-- time, stop           '-- no key in time --> Ended
 *
 * The sender pays nothing and gains the least a payment can be. Its secret leaves it only when its own invoice is Accepted:
 * then everybody from the replier on has paid, conditionally, for this secret.
 */
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { KeyName, PartyKey, PayloadId, PaymentHash, PeerKey, ReplyDigest } from '../ids.ts';
import { openChannel, receive, say, undelivered, type Channel } from '../job/contact.ts';
import { paymentHashOf } from '../job/hodl-invoice.ts';
import {
  channelIdOf,
  messageDigestOf,
  openThankYouContact,
  sealSenderContact,
  senderFinalCltv,
  signThankYouHash,
} from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step, WalletEvent } from '../machine.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import type { Certificate, Signed, ThankYouStatement } from '../wire/messages.ts';

/** A reply without a settler that passed every check. */
export interface TakenReply {
  readonly digest: ReplyDigest;
  readonly payloadId: PayloadId;
  readonly statement: ThankYouStatement;
  readonly lockedMessage: Uint8Array;
  readonly replier: Certificate;
  readonly replierRoot: PartyKey;
  /** Our certificate of the job: its key reads the contact key. */
  readonly certificate: KeyName;
  /** Who brought it: the thank you goes there first. */
  readonly firstHop: PeerKey;
  readonly receivedAtMs: number;
}

/** The thank you as it was asked for. */
export interface Thanks {
  readonly secret: Uint8Array;
  readonly paymentHash: PaymentHash;
  readonly fundBy: number;
  readonly validTillMs: number;
  readonly signed: Signed;
}

interface Asked {
  readonly reply: TakenReply;
  readonly thanks: Thanks;
}

export type ThankYou =
  | { readonly state: 'Received'; readonly reply: TakenReply }
  | ({ readonly state: 'Issuing' } & Asked)
  | ({ readonly state: 'Asking'; readonly invoice: string } & Asked)
  | ({ readonly state: 'Releasing' } & Asked)
  /** We said thank you; the contact key is on its way, as long as the replier brings it. */
  | ({ readonly state: 'Released'; readonly untilMs: number } & Asked)
  | ({
      readonly state: 'Met';
      readonly channel: Channel;
      readonly contactText: string;
      /** Our own invoice is known to have settled. */
      readonly settled: boolean;
    } & Asked)
  | ({ readonly state: 'Cancelling'; readonly reason: string } & Asked)
  | {
      readonly state: 'Ended';
      readonly reply: TakenReply;
      readonly reason: string;
      /** What we said thank you with, if we did: its contact key may still come. */
      readonly thanks: Thanks | null;
    };

export type ThankYouEvent =
  | { readonly on: 'thank' }
  | { readonly on: 'stop' }
  | { readonly on: 'contactKey'; readonly frame: FrameOf<'contactKey'>; readonly from: PeerKey }
  | { readonly on: 'contact'; readonly frame: FrameOf<'contact'>; readonly from: PeerKey }
  | { readonly on: 'say'; readonly text: string }
  | Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

export interface ThankYouContext extends Context {
  /** Of the key that signed the request. */
  readonly secret: Uint8Array;
}

type State<S extends ThankYou['state']> = Extract<ThankYou, { state: S }>;

export const thankYouKey = (digest: ReplyDigest) => `thank-you/${digest}`;

export function startThankYou(reply: TakenReply): Step<ThankYou> {
  const wake: Effect = {
    do: 'wake',
    atMs: reply.statement.expiryMs,
    key: thankYouKey(reply.digest),
  };
  return saved({ state: 'Received', reply }, [wake]);
}

export function stepThankYou(
  thank: ThankYou,
  event: ThankYouEvent,
  ctx: ThankYouContext,
): Step<ThankYou> {
  switch (thank.state) {
    case 'Received':
      if (event.on === 'thank' && isThankable(thank, ctx)) return ask(thank.reply, ctx);
      if (event.on === 'stop') return end(thank, 'stopped');
      if (event.on === 'wake' && !isThankable(thank, ctx)) return end(thank, 'lapsed');
      if (event.on === 'resume') return [thank, [wakeAt(thank, thank.reply.statement.expiryMs)]];
      return [thank, []];
    case 'Issuing':
      if (event.on === 'invoiceIssued') return onIssued(thank, event.invoice, ctx);
      if (event.on === 'walletFailed') return end(thank, event.code);
      if (event.on === 'stop') return end(thank, 'stopped');
      if (event.on === 'wake' && isOver(thank.thanks, ctx)) return end(thank, 'lapsed');
      if (event.on === 'resume') return [thank, issueEffects(thank)];
      return [thank, []];
    case 'Asking':
      if (event.on === 'invoiceAccepted') return onAccepted(thank, event.settleDeadline, ctx);
      if (event.on === 'invoiceCancelled') return end(thank, 'lapsed');
      if (event.on === 'stop') return cancel(thank, 'stopped', ctx);
      if (event.on === 'wake' && isOver(thank.thanks, ctx)) return cancel(thank, 'lapsed', ctx);
      if (event.on === 'wake') return [thank, askEffects(thank, ctx)];
      if (event.on === 'resume') return [thank, [follow(thank), ...askEffects(thank, ctx)]];
      return [thank, []];
    case 'Releasing':
      if (event.on === 'invoiceSettled') return onSettled(thank, ctx);
      if (event.on === 'invoiceCancelled') return end(thank, 'too-late', thank.thanks);
      if (event.on === 'contactKey') return onContactKey(thank, event, ctx);
      if (event.on === 'wake' || event.on === 'resume') return [thank, settleEffects(thank, ctx)];
      return [thank, []];
    case 'Released':
      if (event.on === 'contactKey') return onContactKey(thank, event, ctx);
      if (event.on === 'stop') return end(thank, 'no-key', thank.thanks);
      if (event.on === 'wake' && ctx.nowMs >= thank.untilMs) {
        return end(thank, 'no-key', thank.thanks);
      }
      if (event.on === 'resume') return [thank, [wakeAt(thank, thank.untilMs)]];
      return [thank, []];
    case 'Met':
      return onMet(thank, event, ctx);
    case 'Cancelling':
      if (event.on === 'invoiceCancelled') return end(thank, thank.reason);
      if (event.on === 'wake' || event.on === 'resume') return [thank, cancelEffects(thank, ctx)];
      return [thank, []];
    case 'Ended':
      if (event.on === 'contactKey' && thank.thanks !== null) {
        return onContactKey({ ...thank, thanks: thank.thanks }, event, ctx);
      }
      return [thank, []];
  }
}

/** Can this reply still be taken? */
export function isThankable({ reply }: Pick<ThankYou, 'reply'>, ctx: Context): boolean {
  return ctx.nowMs < reply.statement.expiryMs;
}

/** May its thank you still be said? One that is being cancelled no longer. */
export function isThanking(thank: ThankYou): boolean {
  return ['Issuing', 'Asking', 'Releasing'].includes(thank.state);
}

/** Can nothing more come of it, and no money either? */
export function isForgettable(thank: ThankYou, ctx: Context): boolean {
  if (thank.state === 'Ended') return true;
  return thank.state === 'Met' && thank.settled && !isThankable(thank, ctx);
}

// ---------------------------------------------------------------------------- asking for a thank you

/** A fresh secret; where we are is sealed so that only the replier reads it, and only once it has paid. */
function ask(reply: TakenReply, ctx: ThankYouContext): Step<ThankYou> {
  const { digest, payloadId, statement, replier } = reply;
  const { random, nowMs, network } = ctx;
  const secret = random(32);
  const paymentHash = paymentHashOf(secret);
  const fundBy = ctx.height + limits.unlockBlocks;
  const validTillMs = Math.min(nowMs + limits.thankYouMs, statement.expiryMs);
  const addresses = ctx.addresses.slice(0, limits.addresses);
  const contact = { peerKey: ctx.self, addresses };
  const to = { replierKey: replier.publicKey, thankYouSecret: secret, digest, random };
  const sealedContact = sealSenderContact(contact, to);
  const body = { payloadId, replyDigest: digest, paymentHash, fundBy, validTillMs, sealedContact };
  const signed = signThankYouHash(body, { secret: ctx.secret, network, random });
  const thanks: Thanks = { secret, paymentHash, fundBy, validTillMs, signed };
  const issuing: State<'Issuing'> = { state: 'Issuing', reply, thanks };
  return saved(issuing, issueEffects(issuing));
}

function onIssued(thank: State<'Issuing'>, invoice: string, ctx: Context): Step<ThankYou> {
  const asking: State<'Asking'> = { ...thank, state: 'Asking', invoice };
  return saved(asking, askEffects(asking, ctx));
}

/** Everybody up to the replier has paid for this secret: it is said, if there is time to collect. */
function onAccepted(thank: State<'Asking'>, settleDeadline: number, ctx: Context): Step<ThankYou> {
  if (settleDeadline <= ctx.height) return cancel(thank, 'too-late', ctx);
  const { reply, thanks } = thank;
  const releasing: State<'Releasing'> = { state: 'Releasing', reply, thanks };
  return saved(releasing, settleEffects(releasing, ctx));
}

function onSettled({ reply, thanks }: State<'Releasing'>, ctx: Context): Step<ThankYou> {
  const untilMs = ctx.nowMs + limits.contactKeyMs;
  const released: State<'Released'> = { state: 'Released', reply, thanks, untilMs };
  return saved(released, [wakeAt(released, untilMs)]);
}

function cancel(thank: State<'Asking'>, reason: string, ctx: Context): Step<ThankYou> {
  const { reply, thanks } = thank;
  const cancelling: State<'Cancelling'> = { state: 'Cancelling', reply, thanks, reason };
  return saved(cancelling, cancelEffects(cancelling, ctx));
}

function end(thank: ThankYou, reason: string, thanks: Thanks | null = null): Step<ThankYou> {
  return saved({ state: 'Ended', reply: thank.reply, reason, thanks }, []);
}

// ------------------------------------------------------------------------------------- the contact

/** "The next step is to directly call the replying party": the key opens where it is. */
function onContactKey(
  thank: Asked & Pick<ThankYou, 'state'>,
  { frame, from }: Extract<ThankYouEvent, { on: 'contactKey' }>,
  ctx: ThankYouContext,
): Step<ThankYou> {
  const { reply, thanks } = thank;
  const opening = { ...reply, replierKey: reply.replier.publicKey };
  const message = openThankYouContact(opening, frame.sealedContactKey, ctx);
  if (isFault(message)) return [thank as ThankYou, [blame(message, from)]];
  const channel = openChannel({
    promiseId: channelIdOf(reply.digest),
    side: 'sender',
    peer: message.peerKey,
    addresses: message.addresses,
    key: message.channelKey,
    opening: messageDigestOf(message),
  });
  const settled = thank.state !== 'Releasing';
  const { contactText } = message;
  const met: State<'Met'> = { state: 'Met', reply, thanks, channel, contactText, settled };
  return saved(met, repeat(met, ctx));
}

function onMet(thank: State<'Met'>, event: ThankYouEvent, ctx: ThankYouContext): Step<ThankYou> {
  switch (event.on) {
    case 'invoiceSettled':
      return thank.settled ? [thank, []] : saved({ ...thank, settled: true }, []);
    case 'invoiceCancelled':
      return thank.settled ? [thank, []] : saved({ ...thank, settled: true }, []);
    case 'contactKey':
      return [thank, callOther(thank)];
    case 'contact': {
      const heard = receive(thank.channel, event.frame, event.from, ctx.nowMs);
      if (isFault(heard)) return [thank, [blame(heard, event.from)]];
      const { channel, answer } = heard;
      const effects: Effect[] = answer ? [{ do: 'send', to: event.from, frame: answer }] : [];
      return saved({ ...thank, channel }, effects);
    }
    case 'say': {
      const channel = say(thank.channel, { text: event.text, done: false }, ctx.nowMs);
      if (channel === null) return [thank, []];
      const said = { ...thank, channel };
      return saved(said, calls(said, ctx));
    }
    case 'wake':
    case 'resume':
      return [thank, repeat(thank, ctx)];
    default:
      return [thank, []];
  }
}

function callOther({ channel }: State<'Met'>): Effect[] {
  const { peer: to, addresses } = channel;
  if (to === null) return [];
  return undelivered(channel).map((frame) => ({ do: 'send', to, frame, addresses }));
}

/** Says again what did not arrive, and settles until our own invoice is known to have settled. */
function repeat(thank: State<'Met'>, ctx: Context): Effect[] {
  return [...(thank.settled ? [] : settleEffects(thank, ctx)), ...calls(thank, ctx)];
}

/** What was not heard yet; on its own for as long as somebody may still answer, after that when there is a reason. */
function calls(thank: State<'Met'>, ctx: Context): Effect[] {
  const sends = callOther(thank);
  const isLate = ctx.nowMs >= thank.reply.statement.expiryMs + limits.contactKeyMs;
  if (sends.length === 0 || isLate) return sends;
  return [...sends, wakeAt(thank, ctx.nowMs + limits.repeatMs * 6)];
}

// ----------------------------------------------------------------------------------------- effects

function isOver({ validTillMs, fundBy }: Thanks, ctx: Context): boolean {
  return ctx.nowMs >= validTillMs || ctx.height > fundBy;
}

function issueEffects(thank: State<'Issuing'>): Effect[] {
  const { paymentHash, validTillMs } = thank.thanks;
  const issue: Effect = {
    do: 'issueInvoice',
    paymentHash,
    amountMsat: limits.thankYouMsat,
    minFinalCltv: senderFinalCltv,
    expirySeconds: limits.holdInvoiceSeconds,
    description: 'Gig-Gossip: a thank you',
  };
  return [issue, wakeAt(thank, validTillMs)];
}

function askEffects({ reply, thanks, invoice }: State<'Asking'>, ctx: Context): Effect[] {
  const frame = {
    kind: 'thankYouHash',
    thankYouHash: thanks.signed,
    thankYouInvoice: invoice,
  } as const;
  const nextMs = Math.min(thanks.validTillMs, ctx.nowMs + limits.repeatMs * 6);
  return [{ do: 'send', to: reply.firstHop, frame }, wakeAt({ reply }, nextMs)];
}

function follow({ thanks, invoice }: State<'Asking'>): Effect {
  return { do: 'followInvoice', paymentHash: thanks.paymentHash, invoice };
}

function settleEffects(thank: Asked, ctx: Context): Effect[] {
  const { secret: preimage, paymentHash } = thank.thanks;
  const settle: Effect = { do: 'settleInvoice', paymentHash, preimage };
  return [settle, wakeAt(thank, ctx.nowMs + limits.repeatMs)];
}

function cancelEffects(thank: Asked, ctx: Context): Effect[] {
  const { paymentHash } = thank.thanks;
  return [{ do: 'cancelInvoice', paymentHash }, wakeAt(thank, ctx.nowMs + limits.repeatMs)];
}

function wakeAt({ reply }: Pick<ThankYou, 'reply'>, atMs: number): Effect {
  return { do: 'wake', atMs, key: thankYouKey(reply.digest) };
}

function blame(found: Fault, peer: PeerKey): Effect {
  return { do: 'fault', code: found.code, detail: found.detail, peer };
}

function saved(thank: ThankYou, effects: readonly Effect[]): Step<ThankYou> {
  return [thank, [store(thankYouKey(thank.reply.digest), thank), ...effects]];
}
