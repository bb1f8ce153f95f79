/** What the owner asks of the node. A command that cannot be taken is rejected with a code and changes nothing. */
import { hexOf, utf8 } from '../bytes.ts';
import type { ApplicationId, OfferId, PartyKey, PayloadId, PromiseId } from '../ids.ts';
import { payloadIdOf } from '../job/ask-for-broadcast.ts';
import { verifyChain } from '../job/certificate.ts';
import { verifyGeohash } from '../job/geohash.ts';
import { peelOnion, startOnion } from '../job/onion-route.ts';
import { packSigned, sealToSender } from '../job/reply.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import { startOffer, type OfferTerms } from '../roles/replier.ts';
import { isChoosable, startJob, type JobTerms } from '../roles/sender.ts';
import { store } from '../stored.ts';
import type { Command, RejectionCode, TaxiTopicView } from '../views.ts';
import { isFault } from '../wire/codec.ts';
import {
  ReplyMessage,
  RequestPayload,
  type CertificateChain,
  type TaxiTopic,
} from '../wire/messages.ts';
import { xOnlyOf } from '../crypto.ts';
import { spread } from './gossip.ts';
import { settlerToday } from './identity.ts';
import { askForInfo, apply, decide, keepCertificate, keepSettler } from './settling.ts';
import { partySecret, remember, trustOf, type OwnCertificate, type Turn } from './state.ts';
import {
  keepJob,
  keepOffer,
  markNode,
  reject,
  tellJob,
  tellOffer,
  tellSettlement,
} from './turn.ts';
import { isLive } from './views.ts';

type Of<C extends Command['command']> = Extract<Command, { command: C }>;
/** Null when taken, else why not. */
type Answer = RejectionCode | null;

export function onCommand(turn: Turn, command: Command): void {
  const code = take(turn, command);
  if (code !== null) reject(turn, command.command, code);
}

function take(turn: Turn, command: Command): Answer {
  switch (command.command) {
    case 'connectWallet':
      return connectWallet(turn, command.uri.trim());
    case 'disconnectWallet':
      return disconnectWallet(turn);
    case 'useRelays':
      return useRelays(turn, command.relays);
    case 'addSettler':
      return addSettler(turn, command);
    case 'removeSettler':
      return removeSettler(turn, command.root);
    case 'becomeSettler':
      return becomeSettler(turn, command.name.trim());
    case 'setPolicy':
      return setPolicy(turn, command.policy);
    case 'applyForCertificate':
      return applyForCertificate(turn, command);
    case 'postJob':
      return postJob(turn, command.topic);
    case 'cancelJob':
      return tellOpenJob(turn, command.payloadId, 'cancel');
    case 'confirmJob':
      return tellOpenJob(turn, command.payloadId, 'confirm');
    case 'chooseReply':
      return chooseReply(turn, command);
    case 'makeOffer':
      return makeOffer(turn, command);
    case 'withdrawOffer':
      return tellMadeOffer(turn, command.offerId, { on: 'withdraw' });
    case 'announceDone':
      return tellMadeOffer(turn, command.offerId, { on: 'say', text: '', done: true });
    case 'say':
      return say(turn, command);
    case 'approveApplication':
      return judge(turn, command.applicationId, null);
    case 'refuseApplication':
      return judge(turn, command.applicationId, command.reason);
    case 'settlePromise':
      return ruleOn(turn, command.promiseId, 'settle');
    case 'abortPromise':
      return ruleOn(turn, command.promiseId, 'abort');
  }
}

// ------------------------------------------------------------------------------- wallet, relays

function connectWallet(turn: Turn, uri: string): Answer {
  if (!uri.startsWith('nostr+walletconnect://') || uri.length > 2_000) {
    return 'WALLET_ADDRESS_MALFORMED';
  }
  const { node } = turn;
  node.walletUri = uri;
  node.wallet = { ...node.wallet, state: 'connecting', code: null };
  turn.effects.push(store('wallet', uri), { do: 'connectWallet', uri });
  turn.views.set('wallet', () => ({ view: 'wallet', wallet: node.wallet }));
  return null;
}

function disconnectWallet(turn: Turn): Answer {
  const { node } = turn;
  node.walletUri = null;
  node.wallet = { ...node.wallet, state: 'none', canHold: false, balanceMsat: 0n, code: null };
  turn.effects.push(store('wallet', null), { do: 'disconnectWallet' });
  turn.views.set('wallet', () => ({ view: 'wallet', wallet: node.wallet }));
  return null;
}

function useRelays(turn: Turn, relays: readonly string[]): Answer {
  const { node } = turn;
  if (relays.length > limits.addresses) return 'TOO_MANY';
  if (relays.some((relay) => !isMultiaddr(relay))) return 'ADDRESS_MALFORMED';
  const fresh = { connected: false, reason: '' };
  const kept = relays.map((relay) => [relay, node.relays.get(relay) ?? fresh] as const);
  node.relays = new Map(kept);
  turn.effects.push(store('relays', relays), { do: 'useRelays', relays });
  markNode(turn);
  return null;
}

function isMultiaddr(address: string): boolean {
  return address.length <= limits.addressBytes && /^(\/[\w.:%-]+)+$/.test(address);
}

// ------------------------------------------------------------------------------------- settlers

function addSettler(turn: Turn, { root, peer, addresses }: Of<'addSettler'>): Answer {
  const { node } = turn;
  const shaped = /^[0-9a-f]{64}$/.test(root) && /^0[23][0-9a-f]{64}$/.test(peer);
  if (!shaped || addresses.length > limits.addresses) return 'ADDRESS_MALFORMED';
  if (addresses.some((address) => !isMultiaddr(address))) return 'ADDRESS_MALFORMED';
  if (node.settlers.size >= limits.settlers && !node.settlers.has(root)) return 'TOO_MANY';
  const known = node.settlers.get(root);
  const fresh = { root, peer, addresses, name: '', chain: null, head: null, feeMsat: 0n };
  const settler = known?.peer === peer ? { ...known, addresses } : fresh;
  keepSettler(turn, settler);
  askForInfo(turn, settler);
  return null;
}

function removeSettler(turn: Turn, root: PartyKey): Answer {
  if (!turn.node.settlers.delete(root)) return 'NO_SETTLER';
  turn.effects.push(store(`settler/${root}`, null), {
    do: 'notify',
    notice: { view: 'settlerRemoved', root },
  });
  return null;
}

function becomeSettler(turn: Turn, name: string): Answer {
  if (name === '') return 'TEXT_EMPTY';
  if (utf8(name).length > 64) return 'TEXT_TOO_LONG';
  turn.node.settlerRole = { name, chain: null, head: null, madeAtMs: 0, epoch: 0 };
  settlerToday(turn);
  turn.effects.push(store('settler-role', { name }));
  markNode(turn);
  return null;
}

function setPolicy(turn: Turn, policy: Of<'setPolicy'>['policy']): Answer {
  const next = { ...turn.node.policy, ...policy };
  const { workBits, feeMsat, lossCapMsat, settlerFeeMsat } = next;
  if ([feeMsat, lossCapMsat, settlerFeeMsat].some((amount) => amount < 0n))
    return 'AMOUNT_TOO_SMALL';
  const most = limits.maxPriceMsat;
  if ([feeMsat, lossCapMsat, settlerFeeMsat].some((amount) => amount > most))
    return 'AMOUNT_TOO_LARGE';
  if (settlerFeeMsat < limits.minPriceMsat) return 'AMOUNT_TOO_SMALL';
  if (!Number.isInteger(workBits) || workBits < 0) return 'AMOUNT_TOO_SMALL';
  if (workBits > 28) return 'AMOUNT_TOO_LARGE';
  turn.node.policy = next;
  turn.effects.push(store('policy', next));
  markNode(turn);
  return null;
}

function applyForCertificate(
  turn: Turn,
  { root, name, statement }: Of<'applyForCertificate'>,
): Answer {
  const { node, ctx } = turn;
  if (!node.settlers.has(root)) return 'NO_SETTLER';
  if (utf8(statement).length > limits.statementBytes) return 'TEXT_TOO_LONG';
  const own = [...node.certificates.values()];
  if (
    own.some(
      (certificate) =>
        certificate.root === root && certificate.name === name && certificate.state === 'open',
    )
  ) {
    return 'WRONG_TIME';
  }
  const asked: OwnCertificate = {
    applicationId: hexOf(ctx.random(16)) as ApplicationId,
    root,
    name,
    statement,
    state: 'open',
    chain: null,
    reason: '',
  };
  keepCertificate(turn, asked);
  apply(turn, asked);
  return null;
}

/** A certificate of ours that holds now. */
function usable(turn: Turn, name: 'customer' | 'driver') {
  const { node, ctx } = turn;
  for (const own of node.certificates.values()) {
    if (own.name !== name || own.chain === null) continue;
    const verified = verifyChain(own.chain, name, trustOf(node), ctx.nowMs);
    if (!isFault(verified)) return { own, chain: own.chain, verified };
  }
  return null;
}

// --------------------------------------------------------------------------------------- hiring

function checkTopic(topic: TaxiTopicView, nowMs: number): Answer {
  for (const geohash of [topic.pickupGeohash, topic.dropoffGeohash]) {
    const bad = verifyGeohash(geohash);
    if (bad) return bad.code as RejectionCode;
  }
  const { pickupAfterMs, dropoffBeforeMs } = topic;
  if (!Number.isSafeInteger(pickupAfterMs) || !Number.isSafeInteger(dropoffBeforeMs)) {
    return 'WINDOW_BACKWARDS';
  }
  if (dropoffBeforeMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  if (dropoffBeforeMs <= pickupAfterMs) return 'WINDOW_BACKWARDS';
  if (dropoffBeforeMs - pickupAfterMs > limits.topicWindowMs) return 'WINDOW_TOO_LONG';
  return pickupAfterMs - nowMs > limits.topicWindowMs ? 'WINDOW_TOO_LONG' : null;
}

function postJob(turn: Turn, view: TaxiTopicView): Answer {
  const { node, ctx } = turn;
  const bad = checkTopic(view, ctx.nowMs);
  if (bad) return bad;
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  const certificate = usable(turn, 'customer');
  if (certificate === null) return 'NO_CERTIFICATE';
  const live = [...node.jobs.values()].filter(
    ({ state }) => state !== 'Ended' && state !== 'Withdrawn',
  );
  if (live.length >= limits.jobs) return 'TOO_MANY';
  const { kind: _taxi, ...topic } = view;
  const job = makeJob(turn, topic, certificate);
  remember(node.payloads, job.payloadId, 'carried', limits.knownPayloads);
  remember(node.slots, job.slot, { job: job.payloadId }, limits.passages);
  node.quiet.add(job.payloadId);
  keepJob(turn, startJob(job));
  const key = `quiet/${job.payloadId}`;
  turn.effects.push({ do: 'wake', atMs: ctx.nowMs + limits.quietStartMs, key });
  const posted = node.jobs.get(job.payloadId);
  if (posted !== undefined) spread(turn, posted);
  return null;
}

function makeJob(
  turn: Turn,
  topic: TaxiTopic,
  { own, chain }: { readonly own: OwnCertificate; readonly chain: CertificateChain },
): JobTerms {
  const { node, ctx } = turn;
  const { network, random, nowMs } = ctx;
  const payload: RequestPayload = { taxi: topic, senderCertificate: chain, nonce: random(16) };
  const secret = partySecret(node, own.applicationId);
  const request = signBody(RequestPayload, payload, { type: 'request', secret, network, random });
  const payloadId = payloadIdOf(request);
  const expirySeconds = Math.ceil(topic.dropoffBeforeMs / 1_000);
  const to = xOnlyOf(node.onionSecret);
  const onion = startOnion({ to, payloadId, random, expirySeconds });
  const peeled = peelOnion(onion, { secret: node.onionSecret, payloadId, random });
  if (isFault(peeled)) throw new Error('own onion does not open');
  const { slot } = peeled;
  const certificate = own.applicationId;
  return { payloadId, request, topic, certificate, onion, slot, postedAtMs: nowMs };
}

function chooseReply(turn: Turn, { payloadId, promiseId }: Of<'chooseReply'>): Answer {
  const job = turn.node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  if (job.state !== 'Broadcasting') return 'WRONG_TIME';
  const offer = job.offers.find((other) => other.promiseId === promiseId);
  if (offer === undefined) return 'UNKNOWN_OFFER';
  if (turn.node.wallet.state !== 'ready') return 'NO_WALLET';
  if (!isChoosable(offer, turn.ctx)) return 'TOO_LATE';
  if (turn.node.wallet.balanceMsat < offer.networkMsat + offer.terms.amountMsat) {
    return 'AMOUNT_TOO_LARGE';
  }
  tellJob(turn, payloadId, { on: 'choose', promiseId });
  return null;
}

function tellOpenJob(turn: Turn, payloadId: PayloadId, on: 'cancel' | 'confirm'): Answer {
  const job = turn.node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  const times = {
    cancel: ['Broadcasting', 'PayingNetwork', 'PayingReply', 'Cancelling'],
    confirm: ['Matched'],
  };
  if (!times[on].includes(job.state)) return 'WRONG_TIME';
  tellJob(turn, payloadId, { on });
  return null;
}

// -------------------------------------------------------------------------------------- working

function makeOffer(turn: Turn, command: Of<'makeOffer'>): Answer {
  const { node, ctx } = turn;
  const { payloadId, priceMsat } = command;
  const heard = node.heard.get(payloadId);
  if (heard === undefined) return 'UNKNOWN_JOB';
  if (heard.broadcast.payload.taxi.dropoffBeforeMs <= ctx.nowMs) return 'TOO_LATE';
  if (priceMsat < limits.minPriceMsat) return 'AMOUNT_TOO_SMALL';
  if (priceMsat > limits.maxPriceMsat) return 'AMOUNT_TOO_LARGE';
  const contactText = command.contactText.trim();
  if (contactText === '') return 'TEXT_EMPTY';
  if (utf8(contactText).length > limits.contactTextBytes) return 'TEXT_TOO_LONG';
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  if (!node.wallet.canHold) return 'WALLET_CANNOT_HOLD';
  const made = [...node.offers.values()];
  if (made.some((other) => isLive(other) && other.offer.payloadId === payloadId))
    return 'WRONG_TIME';
  if (made.filter(isLive).length >= limits.offers) return 'TOO_MANY';
  const certificate = usable(turn, 'driver');
  if (certificate === null) return 'NO_CERTIFICATE';
  const settler = node.settlers.get(certificate.own.root);
  if (settler?.chain == null || settler.head === null) return 'NO_SETTLER';
  const { own, chain } = certificate;
  const offer = offerTerms(turn, { payloadId, priceMsat, contactText }, own, chain);
  if (offer === null) return 'NO_SETTLER';
  const secret = partySecret(node, own.applicationId);
  keepOffer(turn, startOffer(offer, { ...ctx, secret, trust: trustOf(node) }));
  return null;
}

function offerTerms(
  turn: Turn,
  wish: Pick<Of<'makeOffer'>, 'payloadId' | 'priceMsat' | 'contactText'>,
  own: OwnCertificate,
  chain: CertificateChain,
): OfferTerms | null {
  const { node, ctx } = turn;
  const { network, random } = ctx;
  const heard = node.heard.get(wish.payloadId);
  const settler = node.settlers.get(own.root);
  const settlerKey =
    settler?.chain && verifyChain(settler.chain, 'settler', trustOf(node), ctx.nowMs);
  if (!heard || !settler?.head || !settlerKey || isFault(settlerKey)) return null;
  const { request, payload, sender, peeled } = heard.broadcast;
  const senderKey = sender.leaf.publicKey;
  const offerId = hexOf(random(16)) as OfferId;
  const channelKey = random(32);
  const { payloadId, contactText, priceMsat } = wish;
  const message: ReplyMessage = {
    payloadId,
    offerId,
    contactText,
    peerKey: node.self,
    addresses: node.addresses.slice(0, limits.addresses),
    channelKey,
  };
  const secret = partySecret(node, own.applicationId);
  const by = { type: 'reply-message', secret, network, random } as const;
  const packed = packSigned(signBody(ReplyMessage, message, by));
  return {
    offerId,
    draftId: hexOf(random(16)),
    payloadId,
    request,
    topic: payload.taxi,
    senderKey,
    priceMsat,
    contactText,
    channelKey,
    sealedMessage: sealToSender('message', packed, { senderKey, payloadId }, random),
    certificate: own.applicationId,
    chain,
    revocationHead: settler.head,
    settlerPeer: settler.peer,
    settlerAddresses: settler.addresses,
    settlerName: settler.name,
    settlerKey: settlerKey.leaf.publicKey,
    upstream: heard.from,
    rest: peeled.rest,
    jobBlocks: jobBlocks(payload.taxi, ctx.nowMs),
    madeAtMs: ctx.nowMs,
  };
}

/** Blocks until the window closes, at ten minutes each, and an hour more. */
function jobBlocks(topic: TaxiTopic, nowMs: number): number {
  const blocks = Math.ceil((topic.dropoffBeforeMs - nowMs) / 600_000) + 6;
  return Math.min(Math.max(blocks, limits.minJobBlocks), limits.maxJobBlocks);
}

function tellMadeOffer(
  turn: Turn,
  offerId: OfferId,
  event: Extract<Parameters<typeof tellOffer>[2], { on: 'withdraw' | 'say' }>,
): Answer {
  const made = turn.node.offers.get(offerId);
  if (made === undefined) return 'UNKNOWN_OFFER';
  const withdrawable = ['Drafting', 'Sealed', 'Sent', 'Held'];
  const talking = ['Matched', 'Settling', 'Paid'];
  const times = event.on === 'withdraw' ? withdrawable : talking;
  if (!times.includes(made.state)) return 'WRONG_TIME';
  tellOffer(turn, offerId, event);
  return null;
}

function say(turn: Turn, { promiseId, text: said }: Of<'say'>): Answer {
  const text = said.trim();
  if (text === '') return 'TEXT_EMPTY';
  if (utf8(text).length > limits.chatTextBytes) return 'TEXT_TOO_LONG';
  for (const [payloadId, job] of turn.node.jobs) {
    if (!('chosen' in job) || job.chosen.promiseId !== promiseId) continue;
    if (job.channel === null) return 'WRONG_TIME';
    if (job.channel.lines.length >= limits.chatLines) return 'TOO_MANY';
    tellJob(turn, payloadId, { on: 'say', text });
    return null;
  }
  for (const [offerId, made] of turn.node.offers) {
    if (!('draft' in made) || made.draft.promiseId !== promiseId) continue;
    return tellMadeOffer(turn, offerId, { on: 'say', text, done: false });
  }
  return 'UNKNOWN_PROMISE';
}

// ------------------------------------------------------------------------------------- settling

function judge(turn: Turn, applicationId: ApplicationId, refusal: string | null): Answer {
  const application = turn.node.applications.get(applicationId);
  if (application === undefined) return 'UNKNOWN_OFFER';
  if (application.state !== 'open') return 'WRONG_TIME';
  if (refusal !== null && utf8(refusal).length > limits.reasonBytes) return 'TEXT_TOO_LONG';
  decide(turn, applicationId, refusal);
  return null;
}

function ruleOn(turn: Turn, promiseId: PromiseId, on: 'settle' | 'abort'): Answer {
  const made = turn.node.settlements.get(promiseId);
  if (made === undefined) return 'UNKNOWN_PROMISE';
  const times = { settle: ['Unlocked', 'Refunded'], abort: ['Drafted', 'Promised', 'NetworkHeld'] };
  if (!times[on].includes(made.state)) return 'WRONG_TIME';
  tellSettlement(turn, promiseId, { on });
  return null;
}
