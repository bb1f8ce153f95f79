/**
 * A node that is asked, and may be paid in place of work: the invoice it makes for one ask, and what becomes of it. Sweet-Gossip:
 * "Favour-Conditions", the LN scheme.
 */
import type { FrameOf } from '../frame.ts';
import type { PaymentHash } from '../ids.ts';
import { paymentHashOf } from '../job/hodl-invoice.ts';
import { priceFor } from '../job/proof-of-payment.ts';
import { limits } from '../limits.ts';
import {
  expiresMs,
  isOnSale,
  startSale,
  stepSale,
  type FavourSold,
  type SaleEvent,
} from '../roles/favour-sold.ts';
import { awaitInvoice, onPaid, quote, type Passage, type RuleNow } from '../roles/middleman.ts';
import { store } from '../stored.ts';
import { countFavour } from './favour-sums.ts';
import { remember, type Turn } from './state.ts';
import { perform } from './turn.ts';

type Asked = Pick<Passage, 'askId' | 'payloadId' | 'originator'>;

/** Has our wallet make an invoice for this ask, if the owner wants to be paid and whoever asks would. False: only work counts. */
export function sellFavour(
  turn: Turn,
  asked: Asked,
  frame: FrameOf<'askForBroadcast'>,
  { rule, dearer }: { readonly rule: RuleNow; readonly dearer: number },
): boolean {
  const { node, ctx } = turn;
  if (!frame.wouldPay || rule.priceMsat === 0n || !ctx.canHold) return false;
  const open = [...node.favoursSold.values()].filter(isOnSale);
  const ofPeer = open.filter(({ sale }) => sale.originator === asked.originator).length;
  const isBusy = open.length >= limits.openFavours || ofPeer >= limits.openFavoursPerPeer;
  if (isBusy || node.favoursSold.size >= limits.favoursSold) return false;
  const preimage = ctx.random(32);
  const paymentHash = paymentHashOf(preimage);
  const told = {
    topicKind: frame.topicKind,
    coarseArea: frame.coarseArea,
    size: frame.size,
  };
  const [passage, waits] = awaitInvoice(asked, told, { rule, paymentHash }, ctx);
  remember(node.passages, asked.askId, passage, limits.passages);
  const [sold, effects] = startSale({
    askId: asked.askId,
    originator: asked.originator,
    preimage,
    paymentHash,
    priceMsat: priceFor(rule.priceMsat, dearer),
    untilMs: ctx.nowMs + limits.favourInvoiceMs + limits.askValidForMs,
  });
  node.favoursSold.set(paymentHash, sold);
  perform(turn, [...waits, ...effects]);
  return true;
}

/** What the wallet, the clock or a restart tells of an invoice in place of work. */
export function tellSale(turn: Turn, hash: PaymentHash, event: SaleEvent): void {
  const { node, ctx } = turn;
  const before = node.favoursSold.get(hash);
  if (before === undefined) return;
  const [after, effects] = stepSale(before, event, ctx);
  if (after.state === 'Ended') {
    node.favoursSold.delete(hash);
    if (before.state !== 'Issuing')
      keepOver(turn, hash, expiresMs(after.sale) + 2 * limits.clockSkewMs);
  } else node.favoursSold.set(hash, after);
  perform(turn, effects);
  if (after.state === 'Ended' && after.end === 'paid') {
    countFavour(turn, { soldMsat: after.sale.priceMsat });
  }
  if (before.state === 'Issuing' && after.state !== 'Issuing') sayPrice(turn, after);
  if (before.state === 'Offered' && after.state === 'Settling') notePaid(turn, after);
}

/** The conditions go out with the invoice, or without if there is none, or none in time. */
export function sayPrice(turn: Turn, sold: FavourSold): void {
  const { node, ctx } = turn;
  const { askId, paymentHash, priceMsat } = sold.sale;
  const passage = node.passages.get(askId);
  if (passage?.state !== 'AwaitingInvoice' || passage.paymentHash !== paymentHash) return;
  const invoice = sold.state === 'Offered' ? sold.invoice : null;
  const request = invoice === null ? null : { priceMsat, paymentHash, invoice };
  const [waiting, effects] = quote(passage, request, ctx);
  node.passages.set(askId, waiting);
  perform(turn, effects);
}

function notePaid(turn: Turn, { sale }: FavourSold): void {
  const { node, ctx } = turn;
  const passage = node.passages.get(sale.askId);
  if (passage?.state !== 'AwaitingBroadcast') return;
  const [paid, effects] = onPaid(passage, ctx);
  node.passages.set(sale.askId, paid);
  perform(turn, effects);
}

/** Does the ask of this invoice still wait to be paid for? */
export function isAwaited({ node, ctx }: Turn, { sale }: FavourSold): boolean {
  const passage = node.passages.get(sale.askId);
  if (passage?.state !== 'AwaitingBroadcast' || ctx.nowMs > passage.untilMs) return false;
  // Its broadcast would come over this connection or never.
  if (!node.sessions.has(sale.originator)) return false;
  return passage.conditions.payment?.request.paymentHash === sale.paymentHash;
}

// ------------------------------------------------------------------------------------- what is over

const overKey = (hash: PaymentHash) => `favour-over/${hash}`;

/** An invoice of ours that somebody has seen is over: until no clock says any more that it can be paid, we know it again. */
function keepOver(turn: Turn, hash: PaymentHash, untilMs: number): void {
  perform(turn, [store(overKey(hash), untilMs)]);
  restoreOver(turn, hash, untilMs);
}

export function restoreOver(turn: Turn, hash: PaymentHash, untilMs: number): void {
  remember(turn.node.favoursOver, hash, true, limits.favoursOver);
  perform(turn, [{ do: 'wake', atMs: untilMs, key: overKey(hash) }]);
}

export function forgetOver(turn: Turn, hash: PaymentHash): void {
  perform(turn, [store(overKey(hash), null)]);
}
