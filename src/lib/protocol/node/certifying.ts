/** Who the settlers are that this node trusts, and the certificates they issue. Whitepaper: "Digital Certificates". */
import { publicKeyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { ApplicationId, PeerKey } from '../ids.ts';
import { issueCertificate, verifyChain, verifyRevocationHead } from '../job/certificate.ts';
import { openSigned, signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import { CertificateApplication, type Signed } from '../wire/messages.ts';
import { store } from '../stored.ts';
import { compareHead, meetHead } from './evidence.ts';
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
import { blame, send, markSettler } from './turn.ts';
import { applicationView } from './views.ts';

// ------------------------------------------------------------------------------- who the settler is

export function onInfoRequest(turn: Turn, peer: PeerKey): void {
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

export function onInfo(turn: Turn, peer: PeerKey, frame: FrameOf<'settlerInfo'>): void {
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
  if (isFault(checked)) {
    compareHead(turn, chain, head);
    return blame(turn, peer, checked);
  }
  learnHead(turn.node, checked);
  meetHead(turn, head);
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

export function onApplication(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  if (node.settlerRole === null) return;
  const body = CertificateApplication.decodeCanonical(signed.body);
  if (isFault(body)) return blame(turn, peer, body);
  const code = 'CERTIFICATE_SIGNATURE_INVALID';
  const by = { type: 'application', network: node.network, key: body.publicKey, code } as const;
  const opened = openSigned(CertificateApplication, signed, by);
  if (isFault(opened)) return blame(turn, peer, opened);
  const name = body.certificateName;
  if (body.settlerKey !== settlerRoot(node) || (name !== 'customer' && name !== 'worker')) {
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

export function onDecision(turn: Turn, peer: PeerKey, frame: FrameOf<'certificateDecision'>): void {
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
