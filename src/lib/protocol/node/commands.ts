/** What the owner asks of the node. A command that cannot be taken is rejected with a code and changes nothing. */
import { hexOf, utf8 } from '../bytes.ts';
import type { ApplicationId, PartyKey } from '../ids.ts';
import { isPropertyOf } from '../job/properties.ts';
import { limits } from '../limits.ts';
import { store } from '../stored.ts';
import type { Command } from '../commands.ts';
import { policyProblem } from '../policy.ts';
import { forgive } from './frauds.ts';
import { settlerToday } from './identity.ts';
import { keepOwn, pursue } from './certifying.ts';
import { approve, refuse, revoke } from './memberships.ts';
import { postNextPart } from './parts.ts';
import { forgetRelaying } from './relaying.ts';
import { isMultiaddr, useRelays } from './relays.ts';
import { askForInfo, keepSettler } from './settlers.ts';
import { type OwnMembership, type Turn } from './state.ts';
import { markNode, markWallet, reject } from './turn.ts';
import {
  abortPromise,
  announceDone,
  cancelTogether,
  concede,
  dispute,
  reportNoContact,
  rulePromise,
  settlePromise,
} from './judging.ts';
import { offerUnsettled, stopThanking, thank, withdrawUnsettled } from './thank-you-wishes.ts';
import {
  type Of,
  type Answer,
  postJob,
  chooseReply,
  tellOpenJob,
  makeOffer,
  tellMadeOffer,
  say,
} from './wishes.ts';

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
    case 'retryRelaying':
      return forgetRelays(turn);
    case 'useRelays':
      return useRelays(turn, command);
    case 'addSettler':
      return addSettler(turn, command);
    case 'removeSettler':
      return removeSettler(turn, command.root);
    case 'forgiveSettler':
      return forgive(turn, command.root) ? null : 'NO_SETTLER';
    case 'becomeSettler':
      return becomeSettler(turn, command.name.trim());
    case 'setPolicy':
      return setPolicy(turn, command.policy);
    case 'applyForCertificate':
      return applyForCertificate(turn, command);
    case 'postJob':
      return postJob(turn, command.topic, command.acceptsThankYou ?? false);
    case 'postNextPart':
      return postNextPart(turn, command.payloadId);
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
      return announceDone(turn, command.offerId);
    case 'concede':
      return concede(turn, command.offerId);
    case 'reportNoContact':
      return reportNoContact(turn, command.payloadId);
    case 'dispute':
      return dispute(turn, command);
    case 'cancelTogether':
      return cancelTogether(turn, command.promiseId);
    case 'say':
      return say(turn, command);
    case 'offerUnsettled':
      return offerUnsettled(turn, command);
    case 'withdrawUnsettled':
      return withdrawUnsettled(turn, command.offerId);
    case 'thank':
      return thank(turn, command);
    case 'stopThanking':
      return stopThanking(turn, command);
    case 'approveApplication':
      return approve(turn, command.applicationId, command.properties);
    case 'refuseApplication':
      return refuse(turn, command.applicationId, command.reason);
    case 'revokeMembership':
      return revoke(turn, command);
    case 'settlePromise':
      return settlePromise(turn, command.promiseId);
    case 'rulePromise':
      return rulePromise(turn, command);
    case 'abortPromise':
      return abortPromise(turn, command.promiseId);
  }
}

// --------------------------------------------------------------------------------------- wallet

function connectWallet(turn: Turn, uri: string): Answer {
  if (!uri.startsWith('nostr+walletconnect://') || uri.length > 2_000) {
    return 'WALLET_ADDRESS_MALFORMED';
  }
  const { node } = turn;
  if (node.walletUri !== uri) forgetRelays(turn);
  node.walletUri = uri;
  node.wallet = { ...node.wallet, state: 'connecting', code: null };
  turn.effects.push(store('wallet', uri), { do: 'connectWallet', uri });
  markWallet(turn);
  return null;
}

function disconnectWallet(turn: Turn): Answer {
  const { node } = turn;
  node.walletUri = null;
  node.wallet = { ...node.wallet, state: 'none', canHold: false, balanceMsat: 0n, code: null };
  turn.effects.push(store('wallet', null), { do: 'disconnectWallet' });
  forgetRelays(turn);
  return null;
}

/** Another wallet, or the same one after an update: what it can relay is to be found out again. */
function forgetRelays(turn: Turn): null {
  forgetRelaying(turn);
  markWallet(turn);
  return null;
}

// ------------------------------------------------------------------------------------- settlers

function addSettler(turn: Turn, { root, peer, addresses }: Of<'addSettler'>): Answer {
  const { node } = turn;
  const shaped = /^[0-9a-f]{64}$/.test(root) && /^0[23][0-9a-f]{64}$/.test(peer);
  if (peer === node.self) return 'NO_SETTLER';
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
  turn.effects.push(store('settler-role', { name }));
  settlerToday(turn);
  markNode(turn);
  return null;
}

function setPolicy(turn: Turn, policy: Of<'setPolicy'>['policy']): Answer {
  const next = { ...turn.node.policy, ...policy };
  const problem = policyProblem(next);
  if (problem !== null) return problem;
  const sayable = next.approveWith.every(
    (said) => isPropertyOf(said, 'worker') || isPropertyOf(said, 'customer'),
  );
  if (!sayable) return 'PROPERTY_UNKNOWN';
  turn.node.policy = next;
  turn.effects.push(store('policy', next));
  markNode(turn);
  return null;
}

function applyForCertificate(turn: Turn, wish: Of<'applyForCertificate'>): Answer {
  const { node, ctx } = turn;
  const { root, name } = wish;
  const statement = wish.statement.trim();
  if (!node.settlers.has(root)) return 'NO_SETTLER';
  if (statement === '') return 'TEXT_EMPTY';
  if (utf8(statement).length > limits.statementBytes) return 'TEXT_TOO_LONG';
  const own = [...node.ownMemberships.values()];
  const pending = own.some((one) => one.root === root && one.name === name && isPending(one));
  if (pending) return 'WRONG_TIME';
  if (own.length >= limits.ownMemberships) return 'TOO_MANY';
  const asked: OwnMembership = {
    applicationId: hexOf(ctx.random(16)) as ApplicationId,
    root,
    name,
    statement,
    state: 'open',
    reason: '',
    properties: [],
    batch: 0,
    certificates: [],
    issuers: [],
    next: 0,
  };
  forgetOver(turn, asked);
  keepOwn(turn, asked);
  pursue(turn, asked);
  return null;
}

function isPending({ state }: OwnMembership): boolean {
  return state === 'open' || state === 'active';
}

/** A new application takes the place of those that came to nothing. */
function forgetOver({ node, effects }: Turn, { root, name }: OwnMembership): void {
  for (const [id, one] of node.ownMemberships) {
    if (one.root !== root || one.name !== name || isPending(one)) continue;
    node.ownMemberships.delete(id);
    effects.push(store(`member/${id}`, null));
  }
}
