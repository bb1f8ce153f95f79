/**
 * The people a settler vouches for: their applications, what it checked of them, the batches it gave them, and the end of it.
 * One `Membership` per application. Whitepaper: "Digital Certificates", "Payment settler".
 *
 *   open --approved--> active --revoked--> revoked
 *     '-----refused--> refused
 *
 * A person who is no member any more is given no new certificates. Those given run out within 7 days, which tells nobody which
 * of them were one person's; or they are taken back at once (`revoking.ts`), which does.
 */
import { utf8 } from '../bytes.ts';
import { fault } from '../faults.ts';
import type { ApplicationId, PartyKey, PeerKey } from '../ids.ts';
import { issueBatch } from '../job/certificate.ts';
import { orderedProperties, verifyProperties, type Applicant } from '../job/properties.ts';
import { openSigned } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { RejectionCode } from '../commands.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import {
  BatchRequest,
  CertificateApplication,
  type Property,
  type Signed,
} from '../wire/messages.ts';
import { settlerContext } from './identity.ts';
import { hasRoomFor, takeBack } from './revoking.ts';
import {
  remember,
  settlerRoot,
  type AuditLine,
  type Membership,
  type Node,
  type Turn,
} from './state.ts';
import { send } from './outbox.ts';
import { blame } from './turn.ts';
import { membershipView } from './views.ts';

// ------------------------------------------------------------------------------------ applications

export function onApplication(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  if (node.settlerRole === null) return;
  const body = CertificateApplication.decodeCanonical(signed.body);
  if (isFault(body)) return blame(turn, peer, body);
  const code = 'CERTIFICATE_SIGNATURE_INVALID';
  const by = { type: 'application', network: node.network, key: body.publicKey, code } as const;
  const opened = openSigned(CertificateApplication, signed, by);
  if (isFault(opened)) return blame(turn, peer, opened);
  const { applicationId, publicKey, statement, certificateName: name } = body;
  if (body.settlerKey !== settlerRoot(node) || !isApplicant(name)) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', name));
  }
  if (statement.trim() === '') {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', 'nothing said'));
  }
  const known = node.memberships.get(applicationId);
  if (known !== undefined) {
    if (known.publicKey === publicKey) answer(turn, { ...known, peer });
    return;
  }
  if (!hasRoom(turn)) return;
  const membership: Membership = {
    applicationId,
    publicKey,
    peer,
    name,
    statement,
    receivedAtMs: ctx.nowMs,
    state: 'open',
    properties: [],
    reason: '',
    issued: { day: 0, ofDay: 0, inAll: 0 },
    audit: [{ atMs: ctx.nowMs, did: 'applied', detail: '' }],
  };
  keep(turn, membership);
  const { approveAutomatically, approveWith } = node.policy;
  if (approveAutomatically) approve(turn, applicationId, orderedProperties(approveWith, name));
}

function isApplicant(name: string): name is Applicant {
  return name === 'customer' || name === 'worker' || name === 'settler';
}

/** Room for one more; of those it refused, the oldest gives way. */
function hasRoom({ node, effects, views }: Turn): boolean {
  const all = [...node.memberships.values()];
  if (all.filter(({ state }) => state === 'open').length >= limits.openApplications) return false;
  if (all.length < limits.memberships) return true;
  const oldest = all.find(({ state }) => state === 'refused');
  if (oldest === undefined) return false;
  node.memberships.delete(oldest.applicationId);
  views.delete(`membership/${oldest.applicationId}`);
  effects.push(store(`membership/${oldest.applicationId}`, null));
  return true;
}

// ---------------------------------------------------------------------------- the owner's decisions

/** Why a decision cannot be taken, or null when it was. */
type Decided = RejectionCode | null;

/** The owner checked `properties` of this person and vouches for them. */
export function approve(
  turn: Turn,
  applicationId: ApplicationId,
  properties: readonly Property[],
): Decided {
  const membership = turn.node.memberships.get(applicationId);
  if (membership === undefined) return 'UNKNOWN_APPLICATION';
  if (membership.state !== 'open') return 'WRONG_TIME';
  const ordered = orderedProperties(properties, membership.name);
  if (ordered.length !== properties.length || verifyProperties(ordered, membership.name)) {
    return 'PROPERTY_UNKNOWN';
  }
  const said = ordered.map(({ name, value }) => `${name}=${value}`).join(' ');
  const active: Membership = { ...membership, state: 'active', properties: ordered };
  return decided(turn, noted(turn, active, 'approved', said));
}

export function refuse(turn: Turn, applicationId: ApplicationId, reason: string): Decided {
  return close(turn, applicationId, { from: 'open', to: 'refused', reason });
}

/** No more certificates for this person; those given lapse by themselves, or are taken back at once. */
export function revoke(
  turn: Turn,
  wish: {
    readonly applicationId: ApplicationId;
    readonly reason: string;
    readonly atOnce: boolean;
  },
): Decided {
  const { applicationId, reason, atOnce } = wish;
  const keys = atOnce ? keysOf(turn, applicationId) : [];
  if (!hasRoomFor(turn, keys.length)) return 'TOO_MANY';
  const code = close(turn, applicationId, { from: 'active', to: 'revoked', reason });
  if (code === null && keys.length > 0) takeBack(turn, keys);
  return code;
}

/** The keys of a member whose certificates have not run out. */
function keysOf({ node, ctx }: Turn, applicationId: ApplicationId) {
  return [...node.issued].flatMap(([key, given]) =>
    given.applicationId === applicationId && ctx.nowMs < given.untilMs
      ? [{ key, untilMs: given.untilMs }]
      : [],
  );
}

/** Is this the key of somebody whom this settler vouches for no more? */
export function isRevoked(node: Node, key: PartyKey): boolean {
  const given = node.issued.get(key);
  return given !== undefined && node.memberships.get(given.applicationId)?.state === 'revoked';
}

function close(
  turn: Turn,
  applicationId: ApplicationId,
  how: {
    readonly from: Membership['state'];
    readonly to: 'refused' | 'revoked';
    readonly reason: string;
  },
): Decided {
  const membership = turn.node.memberships.get(applicationId);
  if (membership === undefined) return 'UNKNOWN_APPLICATION';
  if (membership.state !== how.from) return 'WRONG_TIME';
  const reason = how.reason.trim();
  if (reason === '') return 'TEXT_EMPTY';
  if (utf8(reason).length > limits.reasonBytes) return 'TEXT_TOO_LONG';
  return decided(turn, noted(turn, { ...membership, state: how.to, reason }, how.to, reason));
}

function decided(turn: Turn, membership: Membership): null {
  keep(turn, membership);
  answer(turn, membership);
  return null;
}

/** The record with one more line; the oldest go first, but for the application itself. */
function noted(
  { ctx }: Turn,
  membership: Membership,
  did: AuditLine['did'],
  detail: string,
): Membership {
  const [first, ...rest] = [...membership.audit, { atMs: ctx.nowMs, did, detail }];
  return { ...membership, audit: [first!, ...rest.slice(-(limits.auditLines - 1))] };
}

function keep(turn: Turn, membership: Membership): void {
  const { applicationId } = membership;
  turn.node.memberships.set(applicationId, membership);
  turn.effects.push(store(`membership/${applicationId}`, membership));
  markMembership(turn, membership);
}

export function markMembership(turn: Turn, membership: Membership): void {
  const notice = { view: 'membership', membership: membershipView(membership) } as const;
  turn.views.set(`membership/${membership.applicationId}`, () => notice);
}

function answer(turn: Turn, { state, applicationId, properties, reason, peer }: Membership): void {
  if (state === 'open') return;
  send(turn, peer, {
    kind: 'certificateDecision',
    applicationId,
    standing: state,
    properties,
    reason,
  });
}

// ------------------------------------------------------------------------------------------ batches

/** A member asks for certificates. */
export function onBatchRequest(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  const body = BatchRequest.decodeCanonical(signed.body);
  if (isFault(body)) return blame(turn, peer, body);
  const known = node.memberships.get(body.applicationId);
  const settler = settlerContext(turn, null);
  if (known === undefined || settler === null) return;
  const code = 'CERTIFICATE_SIGNATURE_INVALID';
  const by = { type: 'batch-request', network: node.network, key: known.publicKey, code } as const;
  const opened = openSigned(BatchRequest, signed, by);
  if (isFault(opened)) return blame(turn, peer, opened);
  const member = { ...known, peer };
  const { applicationId, batch, publicKeys } = body;
  if (member.state !== 'active') return answer(turn, member);
  if (member.name === 'settler' && publicKeys.some((key) => key !== member.publicKey)) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', 'not its root key'));
  }
  if (publicKeys.length === 0 || new Set(publicKeys).size < publicKeys.length) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', 'no keys, or one twice'));
  }
  if (
    publicKeys.some(
      (key) => (node.issued.get(key)?.applicationId ?? applicationId) !== applicationId,
    )
  ) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', "another member's key"));
  }
  const day = Math.floor(ctx.nowMs / limits.dayMs);
  const ofDay = member.issued.day === day ? member.issued.ofDay : 0;
  if (ofDay >= limits.batchesPerDay) return;
  const { network, random, nowMs } = ctx;
  const issuer = { secret: settler.secret, name: node.settlerRole!.name, network, random };
  const certificates = issueBatch(member, publicKeys, issuer, nowMs);
  const issued = { day, ofDay: ofDay + 1, inAll: member.issued.inAll + 1 };
  keep(turn, noted(turn, { ...member, issued }, 'issued', `batch ${batch}`));
  const untilMs = (day + limits.certificateDays) * limits.dayMs;
  const slot = issued.inAll % limits.batchesKept;
  noteKeys(turn, { applicationId, slot, publicKeys, untilMs });
  send(turn, peer, { kind: 'batch', applicationId, batch, certificates, issuers: settler.chain });
}

/** What is stored of a batch: whose keys these are, for the day a dispute asks. */
export interface IssuedKeys {
  readonly applicationId: ApplicationId;
  /** Newer batches of a member take the place of its oldest. */
  readonly slot: number;
  readonly publicKeys: readonly PartyKey[];
  /** When their certificates run out. */
  readonly untilMs: number;
}

function noteKeys(turn: Turn, issued: IssuedKeys): void {
  rememberKeys(turn, issued);
  turn.effects.push(store(`issued/${issued.applicationId}/${issued.slot}`, issued));
}

export function rememberKeys({ node }: Turn, issued: IssuedKeys): void {
  const { applicationId, publicKeys, untilMs } = issued;
  for (const key of publicKeys) {
    const latest = Math.max(untilMs, node.issued.get(key)?.untilMs ?? 0);
    remember(node.issued, key, { applicationId, untilMs: latest }, limits.issuedKeys);
  }
}
