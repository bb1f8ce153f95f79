/** The way of the samples' topic: from its sender to the first middleman and on to the worker, with the work that was done for it. */
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { AskId } from '../../src/lib/protocol/ids.ts';
import { broadcastPayload } from '../../src/lib/protocol/job/broadcast.ts';
import { growOnion, peelOnion, startOnion } from '../../src/lib/protocol/job/onion-route.ts';
import {
  mineSlice,
  targetForBits,
  workInner,
  type WorkRequest,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import {
  helloOf,
  onHello,
  openSession,
  workForPeer,
} from '../../src/lib/protocol/overlay/session.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';

export const askId = cast.idOf<AskId>('ask', 16);
const { devices, payloadId, request } = cast;
const expirySeconds = cast.topic.dropoffBeforeMs / 1_000;

/** The sender's own onion, before it leaves. */
export const senderOnion = startOnion({
  to: devices.customer.onionKey,
  payloadId,
  random: cast.dice('sender onion'),
  expirySeconds,
});
/** As the first middleman receives it. */
export const backwardOnion = growOnion(senderOnion, {
  to: devices.m1.onionKey,
  payloadId,
  random: cast.dice('backward onion'),
  head: { kind: 'forward', peer: devices.customer.peer, askId, expirySeconds },
});
export const payload = broadcastPayload(request, backwardOnion, cast.nowMs);

/** What a worker whom the first middleman asked peels, and sends its reply on with. */
export const homeward = peeled(
  growOnion(backwardOnion, {
    to: devices.worker.onionKey,
    payloadId,
    random: cast.dice('onion for the worker'),
    head: {
      kind: 'forward',
      peer: devices.m1.peer,
      askId: cast.idOf<AskId>('ask of the worker', 16),
      expirySeconds,
    },
  }),
);

function peeled(onion: Uint8Array): Uint8Array {
  const by = { secret: devices.worker.onionSecret, payloadId, random: cast.dice('peeling') };
  const layer = peelOnion(onion, by);
  if (isFault(layer)) throw new Error(layer.detail);
  return layer.rest;
}

// -------------------------------------------------------------------------------------------- work

const onFirst = cast.context();
const greeting = openSession(devices.customer.peer, { direct: true, dialled: false }, onFirst);
/** The first middleman greets the sender. */
export const hello = helloOf(greeting, devices.m1.onionKey, onFirst);
/** What lets the sender ask. */
export const sessionNonce = workForLeave();

export const workRequest: WorkRequest = {
  powScheme: 'sha256',
  powTarget: targetForBits(12),
  challenge: cast.seedOf('challenge').subarray(0, 16),
};
/** What has the first middleman broadcast. */
export const broadcastNonce = workOver(
  workInner({
    request: workRequest,
    payloadHash: hash(payload),
    askId,
    asker: devices.customer.peer,
    receiver: devices.m1.peer,
  }),
  workRequest.powTarget,
);

function workForLeave(): Uint8Array {
  const self = devices.customer.peer;
  const ctx = cast.context({ self });
  const path = { direct: true, dialled: true };
  const open = onHello(openSession(devices.m1.peer, path, ctx), hello, ctx);
  if (isFault(open)) throw new Error(open.detail);
  const { inner, target } = workForPeer(open, { self, network: cast.network });
  return workOver(inner, target);
}

function workOver(inner: Uint8Array, target: Uint8Array): Uint8Array {
  return mineSlice(inner, target, { high: 0, low: 0 }, 2 ** 20)!;
}
