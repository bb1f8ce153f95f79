/**
 * Session: one connection to one peer, from hello to goodbye. It says which protocol version and Bitcoin network the peer is
 * on, what its onion key is, how far its clock is off, and how many asks it has paid for. Whitepaper: silent; Bamboo's
 * sessions, whose MACs and counters are libp2p's Noise.
 *
 *   us                                  peer
 *    | HelloFrame --------------------->|     both ways, first of all
 *    |<--------------------- HelloFrame |
 *    | SessionWorkFrame --------------->|     buys 32 asks; then the challenge moves on
 *    | AskForBroadcastFrame ----------->|     costs one
 */
import { hash, isXOnlyKey, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PeerKey } from '../ids.ts';
import { sessionWorkInner, targetForBits, verifyWork } from '../job/proof-of-work.ts';
import { protocolVersion } from '../job/reply.ts';
import { limits } from '../limits.ts';
import type { Context } from '../machine.ts';

export interface Session {
  readonly peer: PeerKey;
  readonly direct: boolean;
  readonly dialled: boolean;
  /** Of our hello: the peer works over it. Moves on with every work it brings. */
  readonly ourChallenge: Uint8Array;
  /** Asks the peer may still make. */
  readonly allowance: number;
  /** Null until its hello came. */
  readonly hello: PeerHello | null;
  /** Token bucket for frames: tokens left at a time. */
  readonly tokens: number;
  readonly tokensAtMs: number;
}

interface PeerHello {
  readonly onionKey: Uint8Array;
  /** We work over it. */
  readonly challenge: Uint8Array;
  /** The peer's clock minus ours, ms. */
  readonly clockOffsetMs: number;
  /** Asks we may still make. */
  readonly credit: number;
  readonly working: boolean;
}

export type OpenSession = Session & { readonly hello: PeerHello };

export function openSession(
  peer: PeerKey,
  path: { readonly direct: boolean; readonly dialled: boolean },
  ctx: Context,
): Session {
  const ourChallenge = ctx.random(16);
  const { nowMs: tokensAtMs } = ctx;
  const tokens = limits.bucketFrames;
  return { peer, ...path, ourChallenge, allowance: 0, hello: null, tokens, tokensAtMs };
}

export function helloOf(session: Session, onionKey: Uint8Array, ctx: Context): FrameOf<'hello'> {
  const { network, nowMs: clockMs } = ctx;
  const challenge = session.ourChallenge;
  return { kind: 'hello', version: protocolVersion, network, onionKey, challenge, clockMs };
}

/** Has the peer greeted us? Nothing else may come first. */
export function isOpen(session: Session): session is OpenSession {
  return session.hello !== null;
}

/** Faults: NETWORK_MISMATCH and CLOCK_SKEW, which end the session; FRAME_UNEXPECTED (a second hello), FRAME_MALFORMED. */
export function onHello(
  session: Session,
  frame: FrameOf<'hello'>,
  own: { readonly network: Network; readonly nowMs: number },
): OpenSession | Fault {
  if (session.hello !== null) return fault('FRAME_UNEXPECTED', 'a second hello');
  if (frame.version !== protocolVersion || frame.network !== own.network) {
    return fault('NETWORK_MISMATCH', `${frame.network} version ${frame.version}`);
  }
  const clockOffsetMs = frame.clockMs - own.nowMs;
  if (Math.abs(clockOffsetMs) > limits.clockSkewMs) {
    return fault('CLOCK_SKEW', `${clockOffsetMs} ms`);
  }
  const { onionKey, challenge } = frame;
  if (!isXOnlyKey(onionKey)) return fault('FRAME_MALFORMED', 'an onion key on no curve');
  return { ...session, hello: { onionKey, challenge, clockOffsetMs, credit: 0, working: false } };
}

/** Takes a token for one frame, or RATE_EXCEEDED. */
export function takeToken(session: Session, nowMs: number): Session | Fault {
  const gained = ((nowMs - session.tokensAtMs) / 1_000) * limits.bucketFramesPerSecond;
  const tokens = Math.min(limits.bucketFrames, session.tokens + Math.max(0, gained));
  if (tokens < 1) return fault('RATE_EXCEEDED', `${limits.bucketFramesPerSecond} a second`);
  return { ...session, tokens: tokens - 1, tokensAtMs: nowMs };
}

/** Who we are, and where. */
interface Own {
  readonly self: PeerKey;
  readonly network: Network;
}

function sessionTarget(network: Network): Uint8Array {
  const { sessionWorkBits, sessionWorkBitsInEarnest } = limits;
  return targetForBits(network === 'regtest' ? sessionWorkBits : sessionWorkBitsInEarnest);
}

/** The puzzle that buys the right to ask a peer. */
export function workForPeer(session: OpenSession, { self, network }: Own) {
  const target = sessionTarget(network);
  const { challenge } = session.hello;
  const request = { powScheme: 'sha256', powTarget: target, challenge } as const;
  return { inner: sessionWorkInner({ request, asker: self, receiver: session.peer }), target };
}

/** Our work is found: credit, and the challenge both sides go on with. */
export function onOwnWork(session: OpenSession, nonce: Uint8Array): OpenSession {
  const { hello } = session;
  const credit = hello.credit + limits.asksPerWork;
  const challenge = nextChallenge(hello.challenge, nonce);
  return { ...session, hello: { ...hello, credit, challenge, working: false } };
}

/** The peer's work: allowance, or POW_ABOVE_TARGET. */
export function onPeerWork(
  session: Session,
  nonce: Uint8Array,
  { self, network }: Own,
): Session | Fault {
  const powTarget = sessionTarget(network);
  const request = { powScheme: 'sha256', powTarget, challenge: session.ourChallenge } as const;
  const inner = sessionWorkInner({ request, asker: session.peer, receiver: self });
  const bad = verifyWork(inner, nonce, powTarget);
  if (bad) return bad;
  const allowance = session.allowance + limits.asksPerWork;
  return { ...session, allowance, ourChallenge: nextChallenge(session.ourChallenge, nonce) };
}

function nextChallenge(challenge: Uint8Array, nonce: Uint8Array): Uint8Array {
  return hash(challenge, nonce).slice(0, 16);
}
