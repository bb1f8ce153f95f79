/**
 * Settler: makes the secrets of one reply, promises, and decides what becomes of the held money. One `Settlement` per promise
 * id. Whitepaper: "Payment settler", "Replying".
 *
 *   Invoicing -> Drafted -> Promised --own invoice Accepted--> NetworkHeld --ReplyAccepted and KeyRequest--> Unlocked
 *                   |          |                                   |                                           |
 *                   '----------'--expiry--> Aborting <--too late,--'        outcome (settler-case.ts): network paid,
 *                                              |      asked, lost           at decide_by, or refunded
 *                                              |                                   |          |            |
 *                                              |                              Settling <- Refunded    Returning
 *                                              '--> Ended <------------------------'-----------------------'
 *
 * Differs from the paper: key and preimages are three secrets; exactly one of Unlock and Abort is ever published. With
 * `unlock: preimage` the key is the network's preimage, and Unlock follows its own invoice at once: the paper's literal flow
 * (architecture, decisions 2 and 3).
 */
import type { PeerKey } from '../ids.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { networkBy } from '../job/payment-chain.ts';
import { readStatement, signStatement } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import type { Step } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import { type Abort } from '../wire/messages.ts';
import {
  type Published,
  type Settlement,
  type SettlementEvent,
  type SettlerContext,
  type State,
  type StatementsEvent,
  settlementKey,
} from './settler-states.ts';
import {
  end,
  endOf,
  issue,
  follow,
  settleEffects,
  cancelEffects,
  signer,
  blame,
  saved,
} from './settler-effects.ts';
import { onSettled, onUnlocked, settle } from './settler-case.ts';
import { draftFrame, onIssued, onSealed, promiseFrame } from './settler-draft.ts';

export * from './settler-states.ts';
export { startSettlement } from './settler-draft.ts';

export function stepSettlement(
  made: Settlement,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  switch (made.state) {
    case 'Invoicing':
      if (event.on === 'invoiceIssued') return onIssued(made, event.invoice);
      if (event.on === 'walletFailed') return end(made, 'expired', event.code);
      if (event.on === 'resume') return [made, [issue(made.deal)]];
      return [made, []];
    case 'Drafted':
      if (event.on === 'sealed') return onSealed(made, event.frame, ctx);
      if (event.on === 'askedAgain') return [made, [draftFrame(made)]];
      return onUnpaid(made, event, ctx);
    case 'Promised':
      if (event.on === 'sealed') return [made, [promiseFrame(made, ctx)]];
      if (event.on === 'invoiceAccepted') return onAccepted(made, event.settleDeadline, ctx);
      return onUnpaid(made, event, ctx);
    case 'NetworkHeld':
      return onHeld(made, event, ctx);
    case 'Unlocked':
      return onUnlocked(made, event, ctx);
    case 'Refunded':
      return onRefunded(made, event, ctx);
    case 'Settling':
      if (event.on === 'invoiceSettled') return onSettled(made);
      if (event.on === 'wake' || event.on === 'resume') return [made, settleEffects(made, ctx)];
      return onReport(made, event, ctx);
    case 'Returning':
      if (event.on === 'invoiceCancelled') return end(made, 'refunded', made.outcome.reason);
      if (event.on === 'wake' || event.on === 'resume') return [made, cancelEffects(made, ctx)];
      return [made, []];
    case 'Aborting':
      if (event.on === 'invoiceCancelled') return end(made, endOf(made), made.reason);
      if (event.on === 'wake' || event.on === 'resume') return [made, cancelEffects(made, ctx)];
      return [made, []];
    case 'Ended':
      return onReport(made, event, ctx);
  }
}

// ---------------------------------------------------------------------------- until it is promised

/** Drafted or promised, and nobody has paid: it lapses, or is given up. */
function onUnpaid(
  made: State<'Drafted' | 'Promised'>,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  const { deal } = made;
  switch (event.on) {
    case 'lostToSibling':
      return abort(made, 'other-route', ctx);
    case 'abort':
      return abort(made, 'settler', ctx);
    case 'statements':
      return onAbortAsked(made, event, ctx) ?? [made, []];
    case 'invoiceCancelled':
      return end(made, 'expired', 'nobody paid');
    case 'wake':
    case 'height':
      if (ctx.nowMs < deal.expiryMs && ctx.height <= deal.heights.unlockBy) return [made, []];
      return abort(made, 'too-late', ctx);
    case 'resume': {
      const key = settlementKey(deal.promiseId);
      return [made, [follow(made), { do: 'wake', atMs: deal.expiryMs, key }]];
    }
    default:
      return [made, []];
  }
}

// ----------------------------------------------------------------------- exactly one: Unlock, Abort

function onAccepted(
  made: State<'Promised'>,
  settleDeadline: number,
  ctx: SettlerContext,
): Step<Settlement> {
  const { deal, published, invoice } = made;
  const { unlockBy } = deal.heights;
  const lastBlock = networkBy(deal.heights, deal.settleOn);
  const tight = lastBlock > settleDeadline - limits.settlerMarginBlocks;
  if (tight || ctx.height > unlockBy) return abort(made, 'too-late', ctx);
  const { promiseId } = deal;
  const networkAccepted = signStatement(
    'networkAccepted',
    { promiseId, height: ctx.height },
    signer(ctx),
  );
  const held: State<'NetworkHeld'> = {
    state: 'NetworkHeld',
    deal,
    file: made.file,
    invoice,
    settleDeadline,
    replierDeadline: null,
    keyRequested: false,
    published: { ...published, networkAccepted },
  };
  return deal.unlock === 'preimage' ? unlock(held, ctx) : saved(held, []);
}

/** Says K. Where it is the network's preimage, saying it is what the network is paid for. */
function unlock(made: State<'NetworkHeld'>, ctx: SettlerContext): Step<Settlement> {
  const { deal, file, invoice, settleDeadline } = made;
  const body = { promiseId: deal.promiseId, unlockingKey: deal.unlockingKey, height: ctx.height };
  const published = { ...made.published, unlock: signStatement('unlock', body, signer(ctx)) };
  const kept = { deal, file, invoice, settleDeadline, published, unlockedAt: ctx.height };
  if (deal.unlock === 'both-accepted') {
    return saved({ ...kept, state: 'Unlocked', network: 'held' }, []);
  }
  const settling: State<'Unlocked'> = { ...kept, state: 'Unlocked', network: 'settling' };
  return saved(settling, settleEffects(settling, ctx));
}

function onHeld(
  made: State<'NetworkHeld'>,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  switch (event.on) {
    case 'statements':
      return onAcceptances(made, event, ctx);
    case 'abort':
      return abort(made, 'settler', ctx);
    case 'height':
      if (ctx.height <= made.deal.heights.unlockBy) return [made, []];
      return abort(made, 'too-late', ctx);
    case 'resume':
      if (ctx.height > made.deal.heights.unlockBy) return abort(made, 'too-late', ctx);
      return [made, [follow(made)]];
    case 'invoiceCancelled':
      return abort(made, 'too-late', ctx);
    default:
      return [made, []];
  }
}

function onAcceptances(
  made: State<'NetworkHeld'>,
  event: StatementsEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  const aborted = onAbortAsked(made, event, ctx);
  if (aborted) return aborted;
  const { frame, from } = event;
  const { deal } = made;
  const { network } = ctx;
  const accepted = readStatement('replyAccepted', frame, { key: deal.replierKey, network });
  const asked = readStatement('keyRequest', frame, { key: deal.senderKey, network });
  if (isFault(accepted)) return [made, [blame(accepted, from)]];
  if (isFault(asked)) return [made, [blame(asked, from)]];
  const heard: State<'NetworkHeld'> = {
    ...made,
    replierDeadline: accepted?.settleDeadline ?? made.replierDeadline,
    keyRequested: asked !== null || made.keyRequested,
  };
  const { replierDeadline, keyRequested } = heard;
  const paidAlready = isPreimageOf(frame.networkPreimage, deal.networkPaymentHash);
  if (asked !== null && paidAlready && ctx.height <= deal.heights.unlockBy) {
    return unlock(heard, ctx);
  }
  if (replierDeadline === null || !keyRequested) {
    const news =
      heard.replierDeadline !== made.replierDeadline || keyRequested !== made.keyRequested;
    return news ? saved(heard, []) : [made, []];
  }
  const { decideBy, unlockBy } = deal.heights;
  const tight = decideBy > replierDeadline - limits.replierMarginBlocks;
  if (tight || ctx.height > unlockBy) return abort(heard, 'too-late', ctx);
  return unlock(heard, ctx);
}

function onAbortAsked(
  made: State<'Drafted' | 'Promised' | 'NetworkHeld'>,
  { frame, from }: StatementsEvent,
  ctx: SettlerContext,
): Step<Settlement> | null {
  const { senderKey, replierKey } = made.deal;
  const { network } = ctx;
  const bySender = readStatement('abortRequest', frame, { key: senderKey, network });
  const byReplier = readStatement('withdrawal', frame, { key: replierKey, network });
  if (isFault(bySender)) return [made, [blame(bySender, from)]];
  if (isFault(byReplier)) return [made, [blame(byReplier, from)]];
  if (bySender) return abort(made, 'sender', ctx);
  if (byReplier) return abort(made, 'replier', ctx);
  return null;
}

function abort(
  made: State<'Drafted' | 'Promised' | 'NetworkHeld'>,
  reason: Abort['reason'],
  ctx: SettlerContext,
): Step<Settlement> {
  const { deal, published, invoice } = made;
  const body = { promiseId: deal.promiseId, reason, height: ctx.height };
  const signed = signStatement('abort', body, signer(ctx));
  const aborting: State<'Aborting'> = {
    state: 'Aborting',
    deal,
    file: made.file,
    invoice,
    reason,
    published: { ...published, abort: signed },
  };
  return saved(aborting, cancelEffects(aborting, ctx));
}

// ------------------------------------------------------------------------------------- the outcome

function onRefunded(
  made: State<'Refunded'>,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  switch (event.on) {
    case 'height':
      return isNetworkDue(made, ctx) ? settle(made, ctx) : [made, []];
    case 'resume':
      if (isNetworkDue(made, ctx)) return settle(made, ctx);
      return [made, [follow(made)]];
    case 'settle':
      return settle(made, ctx);
    default:
      return [made, []];
  }
}

function isNetworkDue({ deal }: State<'Refunded'>, ctx: SettlerContext): boolean {
  return ctx.height >= networkBy(deal.heights, deal.settleOn);
}

/** The gig's preimage becomes public once the replier has its money. */
function onReport(
  made: State<'Settling' | 'Ended'>,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  if (event.on !== 'statements' || !paysGig(made) || made.published.settledReport)
    return [made, []];
  const by = { key: made.deal.replierKey, network: ctx.network };
  const report = readStatement('settledReport', event.frame, by);
  if (isFault(report)) return [made, [blame(report, event.from)]];
  if (report === null) return [made, []];
  const { settledReport } = event.frame;
  const { replyPreimage } = made.deal;
  return saved({ ...made, published: { ...made.published, settledReport, replyPreimage } }, []);
}

function paysGig(made: State<'Settling' | 'Ended'>): boolean {
  return made.state === 'Settling' ? made.outcome.gig === 'paid' : made.end === 'settled';
}

/** What a watcher is told: the replier learns its own preimage as soon as the gig is to be paid. */
export function publishedFor(made: Settlement, peer: PeerKey): Published {
  const owed = (made.state === 'Settling' || made.state === 'Ended') && paysGig(made);
  if (!owed || peer !== made.deal.replierPeer) return made.published;
  return { ...made.published, replyPreimage: made.deal.replyPreimage };
}
