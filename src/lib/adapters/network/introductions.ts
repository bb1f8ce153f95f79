/**
 * Asking for introductions, of a relay or of a neighbour that introduces: a sample of the nodes it knows, each with where it says
 * it is, signed by itself.
 */
import type { Connection, PeerId } from '@libp2p/interface';
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import { Uint8ArrayList } from 'uint8arraylist';
import type { Introduction } from '../../protocol/index.ts';
import { tidyAddresses } from './addresses.ts';
import { peerKeyOf } from './keys.ts';
import { isRead } from './pipe.ts';

export const INTRODUCE = '/gig-gossip/introduce/1';
/** Peers asked for at once, and bytes of each record and of an answer. */
export const WANTED = 16;
export const MAX_RECORD_BYTES = 4_096;
const MAX_ANSWER_BYTES = 65_568;
/** ms for an answer. */
export const ANSWER_MS = 10_000;

/** Asks once; whoever does not introduce fails with an error that `isUnsupported`. */
export async function introductions(self: PeerId, connection: Connection): Promise<Introduction[]> {
  const answer = await ask(connection, AbortSignal.timeout(ANSWER_MS));
  const all = await Promise.all(records(answer).map(introduction));
  return all.flatMap((one) => (one === null || one.id === String(self) ? [] : [one.is]));
}

export function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnsupportedProtocolError';
}

/** libp2p has been seen to forget a reservation; then it counts as failed, and is tried again. */
export async function within<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the relay gave us no place in time')));
  });
  return Promise.race([promise, late]);
}

async function ask(connection: Connection, signal: AbortSignal): Promise<Uint8Array> {
  const stream = await connection.newStream(INTRODUCE, { signal, runOnLimitedConnection: true });
  const answer = new Uint8ArrayList();
  try {
    stream.send(Uint8Array.of(WANTED));
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => reject(new Error(reason));
      signal.addEventListener('abort', () => fail('the relay does not answer'));
      stream.addEventListener('close', ({ error }) => (error ? reject(error) : resolve()));
      const finish = () => {
        if (isRead(stream)) resolve();
      };
      stream.addEventListener('end', finish);
      stream.addEventListener('message', ({ data }) => {
        answer.append(data);
        if (answer.byteLength > MAX_ANSWER_BYTES) fail('the relay says too much');
        finish();
      });
      finish();
    });
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  return answer.subarray();
}

/** Each: length 2, big-endian ‖ envelope. */
function records(answer: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 <= answer.length && found.length < WANTED;) {
    const length = (answer[at]! << 8) | answer[at + 1]!;
    found.push(answer.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

/** `null` unless the peer itself signed it: a relay cannot make up where somebody is. */
async function introduction(
  envelope: Uint8Array,
): Promise<{ readonly id: string; readonly is: Introduction } | null> {
  try {
    const { payload, publicKey } = await RecordEnvelope.openAndCertify(envelope, PeerRecord.DOMAIN);
    const { peerId, multiaddrs } = PeerRecord.createFromProtobuf(payload);
    const peer = peerKeyOf(peerId);
    if (peer === null || peerId.publicKey?.equals(publicKey) !== true) return null;
    const id = String(peerId);
    const addresses = tidyAddresses(multiaddrs, peerId);
    return addresses.length === 0 ? null : { id, is: { peer, addresses } };
  } catch {
    return null;
  }
}
