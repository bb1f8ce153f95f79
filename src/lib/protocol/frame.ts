/**
 * All frames that travel between two peers, as one union. `kind` is the name the frame has in gig-gossip.proto. Any bytes
 * give a frame or one fault; a machine only meets frames that passed.
 */
import type { Fault } from './faults.ts';
import { limits } from './limits.ts';
import { union, type CoreOf } from './wire/codec.ts';
import { FrameSchema } from './wire/gig-gossip_pb.js';
import * as m from './wire/messages.ts';

const frames = {
  hello: m.HelloFrame,
  sessionWork: m.SessionWorkFrame,
  askForBroadcast: m.AskForBroadcastFrame,
  conditions: m.POWBroadcastConditionsFrame,
  decline: m.DeclineFrame,
  broadcast: m.POWBroadcastFrame,
  reply: m.ReplyFrame,
  settlerInfoRequest: m.SettlerInfoRequestFrame,
  settlerInfo: m.SettlerInfoFrame,
  certificateApplication: m.CertificateApplicationFrame,
  certificateDecision: m.CertificateDecisionFrame,
  draftRequest: m.DraftRequestFrame,
  draft: m.DraftFrame,
  draftRefusal: m.DraftRefusalFrame,
  sealedReply: m.SealedReplyFrame,
  promise: m.PromiseFrame,
  watch: m.WatchFrame,
  statements: m.StatementsFrame,
  contact: m.ContactFrame,
  cancelBroadcast: m.CancelBroadcastFrame,
  batchRequest: m.BatchRequestFrame,
  batch: m.BatchFrame,
  revocationListRequest: m.RevocationListRequestFrame,
  revocationList: m.RevocationListFrame,
  lockFraud: m.LockFraudFrame,
  sealFraud: m.SealFraudFrame,
  equivocation: m.EquivocationFrame,
  twoLists: m.TwoListsFrame,
  missingRuling: m.MissingRulingFrame,
  thankYouReply: m.ThankYouReplyFrame,
  thankYouHash: m.ThankYouHashFrame,
  contactKey: m.ContactKeyFrame,
} as const;

type Frames = typeof frames;
export type FrameKind = keyof Frames;
export type Frame = { [K in FrameKind]: { readonly kind: K } & CoreOf<Frames[K]> }[FrameKind];
export type FrameOf<K extends FrameKind> = Extract<Frame, { kind: K }>;

const codec = union(FrameSchema, frames, limits.frameBytes);

/** Faults: FRAME_TOO_LARGE, FRAME_MALFORMED. */
export function decodeFrame(bytes: Uint8Array): Frame | Fault {
  return codec.decode(bytes) as Frame | Fault;
}

export function encodeFrame(frame: Frame): Uint8Array {
  return codec.encode(frame as never);
}
