/** What the wallet tells of payments in place of work, bought or sold, and what starts again with the wallet. */
import type { PaymentHash } from '../ids.ts';
import type { WalletEvent } from '../machine.ts';
import { stepPurchase, type PurchaseEvent } from '../roles/favour-bought.ts';
import type { AskEvent } from '../roles/originator.ts';
import { tellAsk } from './asking.ts';
import { isCarriedEnough } from './carried.ts';
import { isAwaited, tellSale } from './favour-selling.ts';
import { countFavour } from './favour-sums.ts';
import type { Turn } from './state.ts';
import { perform } from './turn.ts';

export function onFavourPayment(
  turn: Turn,
  hash: PaymentHash,
  event: Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>,
): void {
  if (turn.node.favoursBought.has(hash)) return tellPurchase(turn, hash, event);
  const sold = turn.node.favoursSold.get(hash);
  if (sold === undefined) return;
  if (event.on !== 'invoiceAccepted') return tellSale(turn, hash, event);
  // Who pays for what we would not carry any more gets it back.
  const payloadId = turn.node.passages.get(sold.sale.askId)?.payloadId;
  const seen = payloadId === undefined || isCarriedEnough(turn.node, payloadId);
  const wanted = !seen && !turn.node.cancelled.has(payloadId) && isAwaited(turn, sold);
  tellSale(turn, hash, { on: 'invoiceAccepted', wanted });
}

export function resumeFavours(turn: Turn): void {
  for (const hash of turn.node.favoursSold.keys()) tellSale(turn, hash, { on: 'resume' });
  for (const hash of turn.node.favoursBought.keys()) tellPurchase(turn, hash, { on: 'resume' });
}

function tellPurchase(turn: Turn, hash: PaymentHash, event: PurchaseEvent): void {
  const { node } = turn;
  const before = node.favoursBought.get(hash);
  if (before === undefined) return;
  const [after, effects] = stepPurchase(before, event);
  node.favoursBought.set(hash, after);
  perform(turn, effects);
  if (after.state === before.state) return;
  if (after.state === 'Paid') {
    countFavour(turn, { boughtMsat: after.purchase.priceMsat + after.feeMsat });
  }
  const onionKey = node.sessions.get(after.purchase.peer)?.hello?.onionKey;
  const paying = [...node.asks.values()].find(
    (ask) => ask.state === 'AwaitingPayment' && ask.payment.paymentHash === hash,
  );
  if (paying === undefined || onionKey === undefined) return;
  tellAsk(turn, paying.ask.askId, askEvent(event, onionKey));
}

function askEvent(event: PurchaseEvent, onionKey: Uint8Array): AskEvent {
  if (event.on === 'paymentSettled') return { on: 'paid', preimage: event.preimage, onionKey };
  return { on: 'notPaid', onionKey };
}
