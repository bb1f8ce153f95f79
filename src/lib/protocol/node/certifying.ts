/**
 * A person's membership with a settler, from the person's side: apply, wait for the word, and fetch job certificates in
 * batches. Whitepaper: "Digital Certificates".
 *
 *   Member                                        Settler
 *     | CertificateApplicationFrame ---------------->|   open
 *     |<----------------- CertificateDecisionFrame --|   active, refused or revoked
 *     | BatchRequestFrame (32 fresh keys) ---------->|
 *     |<------------------------------- BatchFrame --|   one certificate for each key
 *
 * Every job and every offer takes a key of its own, so that one person's do not link; a new batch is asked for before the old
 * one is used up or expires.
 */
import { publicKeyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { ApplicationId, KeyName, PartyKey, PeerKey } from '../ids.ts';
import { endOf, verifyBatch, verifyChain } from '../job/certificate.ts';
import { verifyProperties, type MemberName } from '../job/properties.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import {
  BatchRequest,
  Certificate,
  CertificateApplication,
  type CertificateChain,
} from '../wire/messages.ts';
import {
  partySecret,
  settlerRoot,
  subSecret,
  trustOf,
  type Node,
  type OwnMembership,
  type Turn,
} from './state.ts';
import { send } from './outbox.ts';
import { blame, markSettler } from './turn.ts';

// ------------------------------------------------------------------------------------- membership

/** Takes up what a membership waits for: the settler's word, or its next batch. */
export function pursue(turn: Turn, own: OwnMembership): void {
  if (own.state === 'open') return apply(turn, own);
  if (own.state !== 'active') return;
  const renewAtMs = batchEndMs(own) - limits.batchRenewMs;
  const left = own.certificates.length - own.next;
  const enough = own.name === 'settler' ? left > 0 : left > limits.batchLow;
  if (enough && turn.ctx.nowMs < renewAtMs) {
    turn.effects.push({ do: 'wake', atMs: renewAtMs, key: `member/${own.applicationId}` });
  } else askForBatch(turn, own);
}

/** Sends an open application, and again until it is decided. */
function apply(turn: Turn, own: OwnMembership): void {
  const { node, ctx } = turn;
  const settler = node.settlers.get(own.root);
  if (settler === undefined) return;
  const secret = memberSecret(node, own);
  const { network, random } = ctx;
  const body: CertificateApplication = {
    applicationId: own.applicationId,
    publicKey: publicKeyOf(secret),
    certificateName: own.name,
    statement: own.statement,
    settlerKey: own.root,
  };
  const by = { type: 'application', secret, network, random } as const;
  const application = signBody(CertificateApplication, body, by);
  send(
    turn,
    settler.peer,
    { kind: 'certificateApplication', application },
    { addresses: settler.addresses },
  );
  again(turn, own);
}

function again(turn: Turn, own: OwnMembership): void {
  const atMs = turn.ctx.nowMs + limits.repeatMs * 2;
  turn.effects.push({ do: 'wake', atMs, key: `member/${own.applicationId}` });
}

export function onDecision(turn: Turn, peer: PeerKey, frame: FrameOf<'certificateDecision'>): void {
  const { node } = turn;
  const own = node.ownMemberships.get(frame.applicationId);
  if (own === undefined || own.state === 'refused' || own.state === 'revoked') return;
  if (node.settlers.get(own.root)?.peer !== peer) {
    return blame(turn, peer, fault('FRAME_UNEXPECTED', 'not the settler applied to'));
  }
  const { standing: state, properties, reason } = frame;
  if (state !== 'active') return keepOwn(turn, { ...own, state, reason });
  const bad = verifyProperties(properties, own.name);
  if (bad) return blame(turn, peer, bad);
  if (own.state === 'active') return;
  const active: OwnMembership = { ...own, state, properties };
  keepOwn(turn, active);
  askForBatch(turn, active);
}

export function keepOwn(turn: Turn, own: OwnMembership): void {
  turn.node.ownMemberships.set(own.applicationId, own);
  turn.effects.push(store(`member/${own.applicationId}`, own));
  markSettler(turn, own.root);
}

// ------------------------------------------------------------------------------------------ batches

function keyName(applicationId: ApplicationId, batch: number, index: number): KeyName {
  return `${applicationId}/${batch}/${index}` as KeyName;
}

/** A member's long-lived key: for a settler that another vouches for, its root. */
function memberSecret(node: Node, own: OwnMembership): Uint8Array {
  if (own.name === 'settler') return subSecret(node.secret, 'settler-root');
  return partySecret(node, own.applicationId);
}

function batchKeys(node: Node, own: OwnMembership, batch: number): PartyKey[] {
  if (own.name === 'settler') return [settlerRoot(node)];
  return Array.from({ length: limits.batch }, (_, index) =>
    publicKeyOf(partySecret(node, keyName(own.applicationId, batch, index))),
  );
}

/** Asks for the next batch, and again until it comes or the settler says that there is none. */
function askForBatch(turn: Turn, own: OwnMembership): void {
  const { node, ctx } = turn;
  const settler = node.settlers.get(own.root);
  if (settler === undefined) return;
  const batch = own.batch + 1;
  const { applicationId } = own;
  const body: BatchRequest = { applicationId, batch, publicKeys: batchKeys(node, own, batch) };
  const secret = memberSecret(node, own);
  const { network, random } = ctx;
  const by = { type: 'batch-request', secret, network, random } as const;
  const request = signBody(BatchRequest, body, by);
  send(turn, settler.peer, { kind: 'batchRequest', request }, { addresses: settler.addresses });
  again(turn, own);
}

/** A batch takes the place of the one before: what was not used of that is let go. */
export function onBatch(turn: Turn, peer: PeerKey, frame: FrameOf<'batch'>): void {
  const { node, ctx } = turn;
  const own = node.ownMemberships.get(frame.applicationId);
  if (own?.state !== 'active' || frame.batch !== own.batch + 1) return;
  if (node.settlers.get(own.root)?.peer !== peer) {
    return blame(turn, peer, fault('FRAME_UNEXPECTED', 'not our settler'));
  }
  const { batch, certificates, issuers } = frame;
  const wrong = verifyBatch(certificates, batchKeys(node, own, batch));
  if (wrong) return blame(turn, peer, wrong);
  const chain = [certificates[0]!, ...issuers];
  const verified = verifyChain(chain, own.name, trustOf(node), ctx.nowMs);
  if (isFault(verified)) return blame(turn, peer, verified);
  const { certificateValue: properties } = verified.leaf;
  const renewed: OwnMembership = { ...own, batch, certificates, issuers, properties, next: 0 };
  keepOwn(turn, renewed);
  // What this settler issues from now on leads to the one that vouches for it.
  if (own.name === 'settler' && node.settlerRole !== null) node.settlerRole.madeAtMs = 0;
  pursue(turn, renewed);
}

/** When the certificates of a batch expire, ms; 0 without a batch. */
export function batchEndMs({ certificates }: OwnMembership): number {
  const body = certificates[0] && Certificate.decodeCanonical(certificates[0].body);
  return body === undefined || isFault(body) ? 0 : body.notValidAfterMs;
}

/** A job certificate of ours that no job or offer had yet. */
export interface JobCertificate {
  readonly own: OwnMembership;
  readonly index: number;
  /** Names its key. */
  readonly key: KeyName;
  readonly chain: CertificateChain;
}

/** What a certificate is wanted for. */
interface Want {
  /** It holds from now until then at least, ms. */
  readonly untilMs: number;
  /** The root of a settler that is preferred, if there is a choice. */
  readonly prefer?: PartyKey;
}

/** A fresh certificate that holds now and as long as wanted; else why there is none. */
export function freshCertificate(
  turn: Turn,
  name: MemberName,
  { untilMs, prefer }: Want,
): JobCertificate | 'NO_CERTIFICATE' | 'CERTIFICATE_AWAITED' {
  const { node, ctx } = turn;
  const mine = [...node.ownMemberships.values()].filter(
    (own) => own.name === name && own.state === 'active' && node.settlers.has(own.root),
  );
  const ordered = mine.toSorted((a, b) => Number(b.root === prefer) - Number(a.root === prefer));
  for (const own of ordered) {
    for (let index = own.next; index < own.certificates.length; index++) {
      const chain = [own.certificates[index]!, ...own.issuers];
      const verified = verifyChain(chain, name, trustOf(node), ctx.nowMs);
      if (isFault(verified) || endOf(verified) < untilMs) continue;
      return { own, index, key: keyName(own.applicationId, own.batch, index), chain };
    }
  }
  // One that is issued today lives as long as any topic may.
  for (const own of mine) askForBatch(turn, own);
  return mine.length > 0 ? 'CERTIFICATE_AWAITED' : 'NO_CERTIFICATE';
}

/** Marks a certificate as used, on disk before anybody sees it; asks for more when few are left. */
export function useCertificate(turn: Turn, { own, index }: JobCertificate): void {
  const used = { ...own, next: index + 1 };
  keepOwn(turn, used);
  if (used.certificates.length - used.next <= limits.batchLow) pursue(turn, used);
}
