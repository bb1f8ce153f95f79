/**
 * One node: all its machines, and the one step that the runtime calls. Whitepaper: "Gig-gossip P2P Network": every node does
 * the same thing; customer, gig worker, middleman and settler are what it happens to do.
 *
 * `stepNode` changes the node it is given and answers what to do; the same node, event, time and seed give the same answer.
 * Stored entries come first among the effects, so that nothing is sent, paid or settled that the node might forget.
 */
import { secretFrom } from './crypto.ts';
import type { AskId, PayloadId, PaymentHash, PeerKey } from './ids.ts';
import { limits } from './limits.ts';
import type { Effect, Event, StoreEntry, WalletEvent } from './machine.ts';
import { onCommand } from './node/commands.ts';
import { onSessionWork, spread, tellAsk } from './node/asking.ts';
import { onHeardWake } from './node/heard.ts';
import { onPassageWake } from './node/carrying.ts';
import { onFavourPayment, resumeFavours } from './node/favour-payments.ts';
import { forgetOver, tellSale } from './node/favour-selling.ts';
import { noteSilences } from './node/broken-deals.ts';
import { onPreimage } from './node/evidence.ts';
import { onLegPayment } from './node/holding.ts';
import { pursue } from './node/certifying.ts';
import { askForInfo } from './node/settlers.ts';
import { onConnected, onDisconnected, onIntroduced, onReceived } from './node/gossip.ts';
import { callAgain, callAll } from './node/talk.ts';
import { countThankYous } from './node/thanking.ts';
import {
  endThankYous,
  onThankYouHeight,
  onThankYouPayment,
  resumeThankYous,
  tellThankYou,
  tellUnsettled,
} from './node/thank-you-machines.ts';
import { onMiners } from './node/miners.ts';
import { beginTurn, type Node, type Turn } from './node/state.ts';
import { restore, splitKey } from './node/restore.ts';
import {
  markNode,
  markPeer,
  markWallet,
  peerRecord,
  tellJob,
  tellLeg,
  tellOffer,
  tellSettlement,
} from './node/turn.ts';

export function stepNode(node: Node, event: Event, nowMs: number, seed: Uint8Array): Effect[] {
  const turn = beginTurn(node, nowMs, seed);
  dispatch(turn, event);
  const notices: Effect[] = [];
  for (const view of turn.views.values()) {
    const notice = view();
    if (notice !== null) notices.push({ do: 'notify', notice });
  }
  const stores = turn.effects.filter((effect) => effect.do === 'store');
  const others = turn.effects.filter((effect) => effect.do !== 'store');
  return [...stores, ...others, ...notices];
}

function dispatch(turn: Turn, event: Event): void {
  const { node } = turn;
  switch (event.on) {
    case 'start':
      return onStart(turn, event.entries);
    case 'command':
      return onCommand(turn, event.command);
    case 'wake':
      return onWake(turn, event.key);
    case 'addresses':
      node.addresses = event.addresses;
      if (node.settlerRole !== null) node.settlerRole.madeAtMs = 0;
      return markNode(turn);
    case 'relay': {
      const { address, connected, reason = '' } = event;
      const known = node.relays.get(address);
      if (known) node.relays.set(address, { ...known, connected, reason });
      return markNode(turn);
    }
    case 'introduced':
      return onIntroduced(turn, event);
    case 'connected':
      return onConnected(turn, event);
    case 'pathChanged':
      return onPathChanged(turn, event.peer, event.direct);
    case 'disconnected':
      return onDisconnected(turn, event.peer);
    case 'dialFailed':
      return;
    case 'received':
      return onReceived(turn, event.peer, event.bytes);
    case 'miners':
      return onMiners(turn, event.miners);
    case 'mined':
      return onMined(turn, event.id, event.nonce);
    case 'miningProgress': {
      const [kind, id] = splitKey(event.id);
      if (kind === 'ask') tellAsk(turn, id as AskId, event);
      return;
    }
    case 'miningFailed': {
      const [kind, id] = splitKey(event.id);
      if (kind === 'ask') return tellAsk(turn, id as AskId, event);
      return onSessionWork(turn, id as PeerKey, null);
    }
    default:
      return onWallet(turn, event);
  }
}

function onPathChanged(turn: Turn, peer: PeerKey, direct: boolean): void {
  const session = turn.node.sessions.get(peer);
  if (session === undefined) return;
  turn.node.sessions.set(peer, { ...session, direct });
  peerRecord(turn, peer).direct = direct;
  markPeer(turn, peer);
}

function onMined(turn: Turn, puzzle: string, nonce: Uint8Array): void {
  const [kind, id] = splitKey(puzzle);
  if (kind === 'session') return onSessionWork(turn, id as PeerKey, nonce);
  const ask = turn.node.asks.get(id as AskId);
  const hello = ask && turn.node.sessions.get(ask.ask.peer)?.hello;
  if (!hello) return;
  tellAsk(turn, id as AskId, { on: 'mined', nonce, onionKey: hello.onionKey });
}

// -------------------------------------------------------------------------------------------- time

function onWake(turn: Turn, key: string): void {
  const { node } = turn;
  const [kind, id] = splitKey(key);
  switch (kind) {
    case 'ask':
      return tellAsk(turn, id as AskId, { on: 'wake' });
    case 'passage':
      return onPassageWake(turn, id as AskId);
    case 'favour-sold':
      return tellSale(turn, id as PaymentHash, { on: 'wake' });
    case 'favour-over':
      return forgetOver(turn, id as PaymentHash);
    case 'quiet': {
      const job = node.jobs.get(id as PayloadId);
      node.quiet.delete(id as PayloadId);
      if (job?.state === 'Broadcasting') spread(turn, job);
      return;
    }
    case 'heard':
      return onHeardWake(turn, id as PayloadId);
    case 'job':
      tellJob(turn, id as PayloadId, { on: 'wake' });
      if (node.jobs.get(id as PayloadId)?.state === 'Withdrawn') endThankYous(turn, id as never);
      return;
    case 'offer':
      return tellOffer(turn, id as never, { on: 'wake' });
    case 'leg':
      return tellLeg(turn, id as PaymentHash, { on: 'wake' });
    case 'settlement':
      return tellSettlement(turn, id as never, { on: 'wake' });
    case 'thank-you':
      return tellThankYou(turn, id as never, { on: 'wake' });
    case 'unsettled':
      return tellUnsettled(turn, id as never, { on: 'wake' });
    case 'thanks-due':
      return countThankYous(turn, id as AskId);
    case 'call':
      return callAgain(turn, id as PeerKey);
    case 'settler': {
      const settler = node.settlers.get(id as never);
      if (settler !== undefined) askForInfo(turn, settler);
      return;
    }
    case 'member': {
      const own = node.ownMemberships.get(id as never);
      if (own !== undefined) pursue(turn, own);
      return;
    }
  }
}

// ------------------------------------------------------------------------------------------- money

function onWallet(turn: Turn, event: WalletEvent): void {
  const { node } = turn;
  switch (event.on) {
    case 'walletReady': {
      const { alias, network, canHold, shadowBlocks, height, balanceMsat } = event;
      const ready = {
        state: 'ready',
        alias,
        network,
        canHold,
        shadowBlocks,
        relays: node.wallet.relays,
        height,
        balanceMsat,
        code: null,
      } as const;
      node.wallet = ready;
      node.height = Math.max(node.height, height);
      markWallet(turn);
      markNode(turn);
      return resumeAll(turn);
    }
    case 'walletGone':
      node.wallet = { ...node.wallet, state: 'failed', code: event.code };
      return markWallet(turn);
    case 'balance':
      node.wallet = { ...node.wallet, balanceMsat: event.balanceMsat };
      return markWallet(turn);
    case 'height':
      if (event.height <= node.height) return;
      node.height = event.height;
      node.wallet = { ...node.wallet, height: event.height };
      markWallet(turn);
      return onHeight(turn);
    default:
      return onPayment(turn, event);
  }
}

function onHeight(turn: Turn): void {
  const { node } = turn;
  for (const promiseId of node.settlements.keys())
    tellSettlement(turn, promiseId, { on: 'height' });
  for (const hash of node.legs.keys()) tellLeg(turn, hash, { on: 'wake' });
  noteSilences(turn);
  onThankYouHeight(turn);
}

/** Finds whose payment it is: a leg's, an offer's, a settlement's or a job's. One hash may be two roles' of one node. */
function onPayment(
  turn: Turn,
  event: Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>,
): void {
  const { node } = turn;
  const hash = event.paymentHash;
  if (event.on === 'walletFailed' && event.retryable) return;
  if (hash === null) return;
  onLegPayment(turn, hash, event);
  onFavourPayment(turn, hash, event);
  if (event.on === 'paymentSettled') onPreimage(turn, hash, event.preimage);
  onThankYouPayment(turn, event);
  for (const [draftId, made] of node.offers) {
    if ('terms' in made && made.terms.replyPaymentHash === hash) tellOffer(turn, draftId, event);
  }
  for (const [promiseId, { deal }] of node.settlements) {
    if (deal.networkPaymentHash === hash) tellSettlement(turn, promiseId, event);
  }
  if (!isOutgoing(event)) return;
  for (const [payloadId, job] of node.jobs) {
    if (!('chosen' in job)) continue;
    const { networkPaymentHash, terms } = job.chosen;
    if (networkPaymentHash === hash || terms.replyPaymentHash === hash)
      tellJob(turn, payloadId, event);
  }
}

function isOutgoing(
  event: WalletEvent,
): event is Extract<WalletEvent, { on: 'paymentSettled' | 'paymentFailed' | 'walletFailed' }> {
  return ['paymentSettled', 'paymentFailed', 'walletFailed'].includes(event.on);
}

// ------------------------------------------------------------------------------------------- start

/** Every machine takes up what it was doing; wallets look before they leap, so nothing is paid twice. */
function resumeAll(turn: Turn): void {
  const { node } = turn;
  for (const hash of node.legs.keys()) tellLeg(turn, hash, { on: 'resume' });
  for (const promiseId of node.settlements.keys())
    tellSettlement(turn, promiseId, { on: 'resume' });
  for (const draftId of node.offers.keys()) tellOffer(turn, draftId, { on: 'resume' });
  for (const payloadId of node.jobs.keys()) tellJob(turn, payloadId, { on: 'resume' });
  resumeThankYous(turn);
  resumeFavours(turn);
}

function onStart(turn: Turn, entries: readonly StoreEntry[]): void {
  const { node } = turn;
  node.onionSecret = secretFrom(turn.ctx.random(32));
  for (const { key, value } of entries) {
    if (value !== null) restore(turn, key, value);
  }
  markNode(turn);
  markWallet(turn);
  if (node.relays.size > 0) turn.effects.push({ do: 'useRelays', relays: [...node.relays.keys()] });
  for (const settler of node.settlers.values()) askForInfo(turn, settler);
  for (const own of node.ownMemberships.values()) pursue(turn, own);
  if (entries.length > 0) node.forgotUntilMs = turn.ctx.nowMs + limits.heldMs;
  callAll(turn);
  if (node.walletUri === null) return resumeAll(turn);
  node.wallet = { ...node.wallet, state: 'connecting' };
  markWallet(turn);
  turn.effects.push({ do: 'connectWallet', uri: node.walletUri });
}

export { createNode, nodeSecret, type Node, type NodeOptions } from './node/state.ts';
