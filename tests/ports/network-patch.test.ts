/** What `patchWebrtc` mends is still what it was, and so is what else we lean on inside libp2p. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MAX_FRAME_BYTES } from '../../src/lib/adapters/network/wire.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { patches, patchSource } from '../../tools/patch-webrtc.ts';

const read = (path: string) =>
  readFileSync(new URL(`../../node_modules/${path}`, import.meta.url), 'utf8');

test.each(patches)('$file is mended', ({ file, replacements }) => {
  const mended = patchSource(`/node_modules/${file}?v=1`, read(file));
  for (const [, to] of replacements) expect(mended).toContain(to);
});

test('a file that has changed cannot be mended', () => {
  const [{ file }] = patches as [(typeof patches)[number]];
  expect(() => patchSource(file, 'export {}')).toThrow('has changed');
  expect(patchSource('/elsewhere.js', 'export {}')).toBeNull();
});

test('the version is the one that was measured', () => {
  expect(JSON.parse(read('@libp2p/webrtc/package.json')).version).toBe('6.0.33');
});

test('the circuit transport keeps its reservations where circuit.ts looks for them', () => {
  const store = read('@libp2p/circuit-relay-v2/dist/src/transport/reservation-store.js');
  expect(store).toMatch(/^ {4}hasReservation\(/m);
  expect(store).toContain('this.relayFilter.has(peerId.toMultihash().bytes)');
  const transport = read('@libp2p/circuit-relay-v2/dist/src/transport/index.js');
  expect(transport).toContain('this.reservationStore = new ReservationStore(');
});

test('a frame of the core fits', () => {
  expect(MAX_FRAME_BYTES).toBe(limits.frameBytes);
});
