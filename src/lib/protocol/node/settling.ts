/**
 * Everything between this node and a settler, whichever of the two it is: who the settler is, applications for certificates,
 * drafts and promises, statements; and the direct contact of the two parties. Whitepaper: "Digital Certificates", "Replying".
 */
import { publicKeyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import type { Frame, FrameOf } from '../frame.ts';
import type { ApplicationId, PartyKey, PeerKey, PromiseId } from '../ids.ts';
import { issueCertificate, verifyChain, verifyRevocationHead } from '../job/certificate.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { readStatement } from '../job/settlement.ts';
import { openSigned, signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import { startSettlement } from '../roles/settler.ts';
import { isFault } from '../wire/codec.ts';
import {
  CertificateApplication,
  DraftRequest,
  SettlementPromise,
  type Signed,
} from '../wire/messages.ts';
import { store } from '../stored.ts';
import { settlerContext, settlerToday } from './identity.ts';
import {
  learnHead,
  partySecret,
  settlerRoot,
  trustOf,
  type Application,
  type OwnCertificate,
  type TrustedSettler,
  type Turn,
} from './state.ts';
import {
  blame,
  markSettlement,
  perform,
  publish,
  send,
  tellJob,
  tellLeg,
  tellOffer,
  tellSettlement,
} from './turn.ts';
import { applicationView, settlerView } from './views.ts';

export function onSettlerFrame(turn: Turn, peer: PeerKey, frame: Frame): void {
  switch (frame.kind) {
    case 'settlerInfoRequest':
      return onInfoRequest(turn, peer);
    case 'settlerInfo':
      return onInfo(turn, peer, frame);
    case 'certificateApplication':
      return onApplication(turn, peer, frame.application);
    case 'certificateDecision':
      return onDecision(turn, peer, frame);
    case 'draftRequest':
      return onDraftRequest(turn, peer, frame.request);
    case 'draft':
    case 'draftRefusal':
      return onDraftAnswer(turn, peer, frame);
    case 'sealedReply':
      return onSealedReply(turn, peer, frame);
    case 'promise':
      return onPromise(turn, peer, frame);
    case 'watch':
      return onWatch(turn, peer, frame.promiseId);
    case 'statements':
      return onStatements(turn, peer, frame);
    case 'contact':
      return onContact(turn, peer, frame);
    default:
      return blame(turn, peer, fault('FRAME_UNEXPECTED', frame.kind));
  }
}

// ------------------------------------------------------------------------------- who the settler is

function onInfoRequest(turn: Turn, peer: PeerKey): void {
  const role = settlerToday(turn);
  if (role?.chain == null || role.head === null) return;
  const feeMsat = turn.node.policy.settlerFeeMsat;
  const frame = { kind: 'settlerInfo', settlerCertificate: role.chain, feeMsat } as const;
  send(turn, peer, { ...frame, revocationHead: role.head });
}

/** Asks a trusted settler for its certificate and head; again after a while, as heads grow stale. */
export function askForInfo(turn: Turn, settler: TrustedSettler): void {
  send(turn, settler.peer, { kind: 'settlerInfoRequest' }, settler.addresses);
  const waitMs = settler.chain === null ? limits.repeatMs : limits.headMs / 24;
  const atMs = turn.ctx.nowMs + waitMs;
  turn.effects.push({ do: 'wake', atMs, key: `settler/${settler.root}` });
}

function onInfo(turn: Turn, peer: PeerKey, frame: FrameOf<'settlerInfo'>): void {
  const { node, ctx } = turn;
  const { settlerCertificate: chain, revocationHead: head, feeMsat } = frame;
  const verified = verifyChain(chain, 'settler', trustOf(node), ctx.nowMs);
  if (isFault(verified)) return blame(turn, peer, verified);
  const settler = node.settlers.get(verified.root);
  if (settler === undefined || settler.peer !== peer) {
    return blame(turn, peer, fault('FRAME_UNEXPECTED', 'not the settler asked'));
  }
  const known = node.heads.get(verified.leaf.publicKey) ?? null;
  const about = { issuer: verified.leaf.publicKey, network: node.network, known };
  const checked = verifyRevocationHead(head, about, ctx.nowMs);
  if (isFault(checked)) return blame(turn, peer, checked);
  learnHead(turn.node, checked);
  const name = verified.leaf.certificateValue.find((value) => value.name === 'name')?.value ?? '';
  const addresses =
    verified.leaf.addresses.length > 0 ? verified.leaf.addresses : settler.addresses;
  keepSettler(turn, { ...settler, chain, head, feeMsat, name, addresses });
}

export function keepSettler(turn: Turn, settler: TrustedSettler): void {
  turn.node.settlers.set(settler.root, settler);
  turn.effects.push(store(`settler/${settler.root}`, settler));
  markSettler(turn, settler.root);
}

export function markSettler(turn: Turn, root: PartyKey): void {
  turn.views.set(`settler/${root}`, () => {
    const settler = turn.node.settlers.get(root);
    if (settler === undefined) return null;
    return { view: 'settler', settler: settlerView(turn.node, settler, turn.ctx.nowMs) };
  });
}

// ----------------------------------------------------------------------------------- certificates

/** Sends an open application, and again until it is decided. */
export function apply(turn: Turn, own: OwnCertificate): void {
  const { node, ctx } = turn;
  const settler = node.settlers.get(own.root);
  if (own.state !== 'open' || settler === undefined) return;
  const secret = partySecret(node, own.applicationId);
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
  send(turn, settler.peer, { kind: 'certificateApplication', application }, settler.addresses);
  const atMs = ctx.nowMs + limits.repeatMs * 2;
  turn.effects.push({ do: 'wake', atMs, key: `apply/${own.applicationId}` });
}

function onApplication(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  if (node.settlerRole === null) return;
  const body = CertificateApplication.decodeCanonical(signed.body);
  if (isFault(body)) return blame(turn, peer, body);
  const code = 'CERTIFICATE_SIGNATURE_INVALID';
  const by = { type: 'application', network: node.network, key: body.publicKey, code } as const;
  const opened = openSigned(CertificateApplication, signed, by);
  if (isFault(opened)) return blame(turn, peer, opened);
  const name = body.certificateName;
  if (body.settlerKey !== settlerRoot(node) || (name !== 'customer' && name !== 'driver')) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', name));
  }
  const known = node.applications.get(body.applicationId);
  if (known !== undefined) return answerApplication(turn, { ...known, peer });
  if (node.applications.size >= limits.openApplications) return;
  const { applicationId, publicKey, statement } = body;
  const application: Application = {
    applicationId,
    publicKey,
    peer,
    name,
    statement,
    receivedAtMs: ctx.nowMs,
    state: 'open',
    chain: null,
    reason: '',
  };
  keepApplication(turn, application);
  if (node.policy.approveAutomatically) decide(turn, applicationId, null);
}

/** The owner's word on an application: approved, or refused for a reason. */
export function decide(turn: Turn, applicationId: ApplicationId, refusal: string | null): void {
  const { node, ctx } = turn;
  const application = node.applications.get(applicationId);
  const settler = settlerContext(turn, null);
  if (application?.state !== 'open' || settler === null) return;
  if (refusal !== null) {
    return decided(turn, { ...application, state: 'refused', reason: refusal });
  }
  const name = node.settlerRole?.name ?? '';
  const { network, random, nowMs } = ctx;
  const { publicKey, name: certificateName } = application;
  const subject = { publicKey, certificateName, certificateValue: checkedBy(certificateName) };
  const issuer = { secret: settler.secret, name, network, random };
  const leaf = issueCertificate(subject, issuer, nowMs);
  decided(turn, { ...application, state: 'approved', chain: [leaf, ...settler.chain] });
}

/** The closed set of values a certificate of this kind carries, so that certificates do not tell people apart. */
function checkedBy(name: OwnCertificate['name']) {
  if (name === 'customer') return [{ name: 'known_to_settler', value: 'yes' }];
  return [
    { name: 'driving_licence', value: 'checked' },
    { name: 'no_criminal_record', value: 'checked' },
  ];
}

function decided(turn: Turn, application: Application): void {
  keepApplication(turn, application);
  answerApplication(turn, application);
}

function keepApplication(turn: Turn, application: Application): void {
  const { applicationId } = application;
  turn.node.applications.set(applicationId, application);
  turn.effects.push(store(`application/${applicationId}`, application));
  const notice = { view: 'application', application: applicationView(application) } as const;
  turn.views.set(`application/${applicationId}`, () => notice);
}

function answerApplication(turn: Turn, application: Application): void {
  if (application.state === 'open') return;
  const head = settlerToday(turn)?.head ?? null;
  const { applicationId, chain: certificate, reason: refusal, peer } = application;
  const frame = { kind: 'certificateDecision', applicationId, certificate, refusal } as const;
  send(turn, peer, { ...frame, revocationHead: head });
}

function onDecision(turn: Turn, peer: PeerKey, frame: FrameOf<'certificateDecision'>): void {
  const { node, ctx } = turn;
  const own = node.certificates.get(frame.applicationId);
  if (own === undefined || own.state !== 'open') return;
  if (node.settlers.get(own.root)?.peer !== peer) {
    return blame(turn, peer, fault('FRAME_UNEXPECTED', 'not the settler applied to'));
  }
  if (frame.certificate === null) {
    return keepCertificate(turn, { ...own, state: 'refused', reason: frame.refusal });
  }
  const verified = verifyChain(frame.certificate, own.name, trustOf(node), ctx.nowMs);
  if (isFault(verified)) return blame(turn, peer, verified);
  if (verified.leaf.publicKey !== publicKeyOf(partySecret(node, own.applicationId))) {
    return blame(turn, peer, fault('CERTIFICATE_NOT_ENTITLED', 'for another key'));
  }
  keepCertificate(turn, { ...own, state: 'approved', chain: frame.certificate });
}

export function keepCertificate(turn: Turn, own: OwnCertificate): void {
  turn.node.certificates.set(own.applicationId, own);
  turn.effects.push(store(`certificate/${own.applicationId}`, own));
  markSettler(turn, own.root);
}

// -------------------------------------------------------------------------------- drafts, promises

function onDraftRequest(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  const settler = settlerContext(turn, null);
  if (settler === null) return;
  const request = DraftRequest.decodeCanonical(signed.body);
  if (isFault(request)) return blame(turn, peer, request);
  const { draftId } = request;
  const refuse = (reason: string) => send(turn, peer, { kind: 'draftRefusal', draftId, reason });
  const replier = verifyChain(request.replierCertificate, 'driver', trustOf(node), ctx.nowMs);
  if (isFault(replier)) return refuse(replier.code);
  const key = replier.leaf.publicKey;
  const code = 'STATEMENT_SIGNATURE_INVALID';
  const opened = openSigned(DraftRequest, signed, {
    type: 'draft-request',
    network: node.network,
    key,
    code,
  });
  if (isFault(opened)) return blame(turn, peer, opened);
  const refusal = draftRefusal(turn, peer, request);
  if (refusal !== null) return refuse(refusal);
  const [made, effects] = startSettlement(request, { peer, key }, settler);
  node.settlements.set(made.deal.promiseId, made);
  perform(turn, effects);
  markSettlement(turn, made.deal.promiseId);
}

function draftRefusal(turn: Turn, peer: PeerKey, request: DraftRequest): string | null {
  const { node, ctx } = turn;
  if (!ctx.canHold || ctx.height === 0) return 'the settler has no wallet that can hold payments';
  const { amountMsat } = request;
  if (amountMsat < limits.minPriceMsat || amountMsat > limits.maxPriceMsat) return 'amount';
  const open = [...node.settlements.values()].filter(({ state }) =>
    ['Invoicing', 'Drafted', 'Promised'].includes(state),
  );
  const ofPeer = open.filter(({ deal }) => deal.replierPeer === peer).length;
  const crowded = ofPeer >= limits.openDraftsPerPeer || open.length >= limits.openDrafts;
  if (crowded) return 'too many open promises';
  return open.some(({ deal }) => deal.draftId === request.draftId) ? 'asked already' : null;
}

function onDraftAnswer(
  turn: Turn,
  peer: PeerKey,
  frame: FrameOf<'draft'> | FrameOf<'draftRefusal'>,
): void {
  for (const [offerId, { offer }] of turn.node.offers) {
    if (offer.draftId !== frame.draftId || offer.settlerPeer !== peer) continue;
    if (frame.kind === 'draft') return tellOffer(turn, offerId, { on: 'draft', frame });
    return tellOffer(turn, offerId, { on: 'refused', reason: frame.reason });
  }
}

function onSealedReply(turn: Turn, peer: PeerKey, frame: FrameOf<'sealedReply'>): void {
  const made = turn.node.settlements.get(frame.promiseId);
  if (made === undefined || made.deal.replierPeer !== peer) {
    return blame(turn, peer, fault('STATEMENT_NOT_ENTITLED', 'no draft of yours'));
  }
  tellSettlement(turn, frame.promiseId, { on: 'sealed', frame });
}

function onPromise(turn: Turn, peer: PeerKey, frame: FrameOf<'promise'>): void {
  const promise = SettlementPromise.decodeCanonical(frame.promise.body);
  if (isFault(promise)) return blame(turn, peer, promise);
  for (const [offerId, made] of turn.node.offers) {
    if (made.state !== 'Sealed' || made.offer.settlerPeer !== peer) continue;
    if (made.draft.promiseId === promise.promiseId)
      tellOffer(turn, offerId, { on: 'promise', frame });
  }
}

// -------------------------------------------------------------------------------------- statements

function onWatch(turn: Turn, peer: PeerKey, promiseId: PromiseId): void {
  const { node } = turn;
  if (!node.settlements.has(promiseId)) return;
  const watchers = node.watchers.get(promiseId) ?? new Set<PeerKey>();
  if (watchers.size < limits.watchersPerPromise) watchers.add(peer);
  node.watchers.set(promiseId, watchers);
  publish(turn, promiseId, peer);
}

/** Parties tell the settler; the settler tells everybody who watches. */
function onStatements(turn: Turn, peer: PeerKey, frame: FrameOf<'statements'>): void {
  const { node } = turn;
  const { promiseId } = frame;
  if (node.settlements.has(promiseId)) {
    return tellSettlement(turn, promiseId, { on: 'statements', frame, from: peer });
  }
  for (const [payloadId, job] of node.jobs) {
    if (!('chosen' in job) || job.chosen.promiseId !== promiseId) continue;
    if (job.chosen.settlerPeer === peer) tellJob(turn, payloadId, { on: 'statements', frame });
  }
  for (const [offerId, made] of node.offers) {
    if (!('draft' in made) || made.draft.promiseId !== promiseId) continue;
    if (made.offer.settlerPeer === peer) tellOffer(turn, offerId, { on: 'statements', frame });
  }
  for (const [hash, { terms }] of node.legs) {
    if (terms.promiseId !== promiseId || terms.settlerPeer !== peer) continue;
    const abort = readStatement('abort', frame, { key: terms.settlerKey, network: node.network });
    if (isFault(abort)) return blame(turn, peer, abort);
    const preimage = isPreimageOf(frame.networkPreimage, hash) ? frame.networkPreimage : null;
    tellLeg(turn, hash, { on: 'published', preimage, aborted: abort !== null });
  }
}

function onContact(turn: Turn, peer: PeerKey, frame: FrameOf<'contact'>): void {
  const { promiseId } = frame;
  for (const [payloadId, job] of turn.node.jobs) {
    if ('chosen' in job && job.chosen.promiseId === promiseId) {
      return tellJob(turn, payloadId, { on: 'contact', frame, from: peer });
    }
  }
  for (const [offerId, made] of turn.node.offers) {
    if ('draft' in made && made.draft.promiseId === promiseId) {
      return tellOffer(turn, offerId, { on: 'contact', frame, from: peer });
    }
  }
  blame(turn, peer, fault('FRAME_UNEXPECTED', 'a contact frame without a contact'));
}
