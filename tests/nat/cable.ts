/**
 * A long cable between two namespaces: every Ethernet frame takes `DELAY_MS` to its other end. `cables.ts` starts it with one end,
 * a TAP device, open as each of two descriptors; it ends with its input.
 *
 *   node tests/nat/cable.ts 3 4
 */
import { read, write } from 'node:fs';

/** ms each way; a phone talks to another over two such cables, 1.2 s there and back. */
const DELAY_MS = 300;
/** Bytes: more than a frame has, as a read that has no room for all of one loses the rest. */
const MOST_BYTES = 65_536;

function carry(from: number, to: number): void {
  const frame = Buffer.alloc(MOST_BYTES);
  read(from, frame, 0, MOST_BYTES, null, (error, length) => {
    if (error) throw error;
    // A frame for an end that is unplugged is lost.
    setTimeout(() => write(to, frame, 0, length, null, () => {}), DELAY_MS);
    carry(from, to);
  });
}

const [one, other] = process.argv.slice(2).map(Number) as [number, number];
carry(one, other);
carry(other, one);
// An ordinary exit would wait for the reads.
process.stdin.resume().on('close', () => process.kill(process.pid, 'SIGKILL'));
