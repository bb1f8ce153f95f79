/**
 * Tells whoever asks which address its packets come from (STUN, RFC 8489, binding requests only): what two phones behind NATs
 * need to find a direct path. An answer is hardly longer than its question, so that nobody is flooded through us.
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';

const HEADER_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const MAGIC = Buffer.from('2112a442', 'hex');

export interface Stun {
  readonly port: number;
  readonly answered: () => number;
  close(): Promise<void>;
}

export async function startStun(host: string, port: number): Promise<Stun> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let answered = 0;
  socket.on('message', (message, from) => {
    const answer = stunAnswer(message, from);
    if (answer === null) return;
    answered++;
    socket.send(answer, from.port, from.address, () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  // A packet that cannot be answered is no reason to stop.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    answered: () => answered,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** `null` unless it is a binding request. */
export function stunAnswer(
  message: Buffer,
  { address, port }: Pick<RemoteInfo, 'address' | 'port'>,
): Buffer | null {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== BINDING_REQUEST) return null;
  if (!message.subarray(4, 8).equals(MAGIC)) return null;
  const transaction = message.subarray(4, HEADER_BYTES);
  const plain = addressBytes(address);
  const hidden = plain.map((byte, at) => byte ^ transaction[at]!);
  const value = Buffer.alloc(4 + hidden.length);
  value[1] = hidden.length === 4 ? 1 : 2;
  value.writeUInt16BE(port ^ MAGIC.readUInt16BE(0), 2);
  value.set(hidden, 4);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(BINDING_SUCCESS, 0);
  head.writeUInt16BE(4 + value.length, 2);
  const attribute = Buffer.alloc(4);
  attribute.writeUInt16BE(XOR_MAPPED_ADDRESS, 0);
  attribute.writeUInt16BE(value.length, 2);
  return Buffer.concat([head.subarray(0, 4), transaction, attribute, value]);
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Uint8Array {
  const bare = address.split('%')[0]!;
  if (!isIPv6(bare)) return Uint8Array.from(bare.split('.').map(Number));
  const whole = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [front = '', back = ''] = whole.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const zeros = Array<string>(8 - groups(front).length - groups(back).length).fill('0');
  const all = whole.includes('::') ? [...groups(front), ...zeros, ...groups(back)] : groups(whole);
  return Uint8Array.from(
    all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]),
  );
}
