/**
 * The direct channel between the two sides of a match, opened by the sender over the contact in the reply message.
 * Whitepaper: "Replying" ("further P2P communication"); Sweet-Gossip's Validate and Ack are the first message and its answer:
 * only who opened the reply message can box it, only who wrote the message can answer.
 *
 *   Sender                     Replier
 *     | hello ------------------->|     learns where to answer; without a settler it says the message's digest
 *     |<--------------- ack ------|
 *     | text, done <------------->|     repeated until acked
 */
import { box, openBox } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PeerKey, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import { ContactBody } from '../wire/messages.ts';

export interface Line {
  readonly seq: number;
  readonly mine: boolean;
  readonly text: string;
  readonly done: boolean;
  readonly atMs: number;
  readonly delivered: boolean;
}

export interface Channel {
  readonly promiseId: PromiseId;
  readonly side: 'sender' | 'replier';
  /** Null until the other side called. */
  readonly peer: PeerKey | null;
  readonly addresses: readonly string[];
  readonly key: Uint8Array;
  /** Hex digest of the message the contact was opened with; "" where the promise already fixed it. */
  readonly opening: string;
  readonly nextSeq: number;
  readonly lines: readonly Line[];
  /** The other side has answered. */
  readonly validated: boolean;
}

export function openChannel({
  opening = '',
  ...channel
}: Pick<Channel, 'promiseId' | 'side' | 'peer' | 'addresses' | 'key'> & {
  readonly opening?: string;
}): Channel {
  return { ...channel, opening, nextSeq: 1, lines: [], validated: false };
}

/** A message of ours: kept until acked. Null when the channel is full. */
export function say(
  channel: Channel,
  body: { readonly text: string; readonly done: boolean },
  nowMs: number,
): Channel | null {
  if (channel.lines.length >= limits.chatLines) return null;
  const seq = channel.nextSeq;
  const line = { ...body, seq, mine: true, atMs: nowMs, delivered: false };
  return { ...channel, nextSeq: seq + 1, lines: [...channel.lines, line] };
}

/** Frames the other side has not acked, oldest first; the sender's hello before everything until it is answered. */
export function undelivered(channel: Channel): FrameOf<'contact'>[] {
  const waiting = channel.lines.filter((line) => line.mine && !line.delivered);
  const frames = waiting.map((line) => boxed(channel, line.seq, { ...line, ack: 0n }));
  const hello = channel.side === 'sender' && !channel.validated;
  return hello
    ? [boxed(channel, 0, { text: channel.opening, done: false, ack: 0n }), ...frames]
    : frames;
}

/** Takes a frame of the other side: the channel after it, and the ack to send, if any. Fault: CONTACT_UNREADABLE. */
export function receive(
  channel: Channel,
  frame: FrameOf<'contact'>,
  from: PeerKey,
  nowMs: number,
): { readonly channel: Channel; readonly answer: FrameOf<'contact'> | null } | Fault {
  const direction = channel.side === 'sender' ? 'replier' : 'sender';
  const sequence = Number(frame.seq);
  const bytes = openBox({ channelKey: channel.key, direction, sequence }, frame.box);
  if (bytes === null) return fault('CONTACT_UNREADABLE', `seq ${frame.seq}`);
  const body = ContactBody.decodeCanonical(bytes);
  if (isFault(body)) return body;
  if (sequence === 0 && channel.side === 'replier' && body.text !== channel.opening) {
    return fault('CONTACT_UNREADABLE', 'opened with another message');
  }
  const met: Channel = { ...channel, peer: from, validated: true };
  if (body.ack > 0n || (body.text === '' && !body.done && sequence > 0)) {
    const seq = Number(body.ack);
    const lines = met.lines.map((line) =>
      line.mine && line.seq === seq ? { ...line, delivered: true } : line,
    );
    return { channel: { ...met, lines }, answer: null };
  }
  return { channel: withLine(met, sequence, body, nowMs), answer: acked(met, sequence) };
}

function withLine(
  channel: Channel,
  seq: number,
  body: { readonly text: string; readonly done: boolean },
  nowMs: number,
): Channel {
  const known = channel.lines.some((line) => !line.mine && line.seq === seq);
  if (seq === 0 || known || channel.lines.length >= limits.chatLines) return channel;
  const { text, done } = body;
  const line = { seq, mine: false, text, done, atMs: nowMs, delivered: true };
  return { ...channel, lines: [...channel.lines, line] };
}

/** Acks share the numbers of what they ack, in a range of their own, so no nonce is used for two messages. */
const ackRange = 2 ** 40;

function acked(channel: Channel, seq: number): FrameOf<'contact'> {
  return boxed(channel, ackRange + seq, { text: '', done: false, ack: BigInt(seq) });
}

function boxed(
  channel: Channel,
  sequence: number,
  body: { readonly text: string; readonly done: boolean; readonly ack: bigint },
): FrameOf<'contact'> {
  const where = { channelKey: channel.key, direction: channel.side, sequence };
  const { text, done, ack } = body;
  return {
    kind: 'contact',
    promiseId: channel.promiseId,
    seq: BigInt(sequence),
    box: box(where, ContactBody.encode({ text, done, ack })),
  };
}
