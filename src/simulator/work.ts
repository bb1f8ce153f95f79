/** Work in the simulator: real proofs, that take the virtual time a device of `hashesPerSecond` would need for them. */
import { kernels, type WorkEvent } from '../lib/protocol/index.ts';
import type { Clock, WorkPort } from '../lib/runtime/ports.ts';

const sliceHashes = 2 ** 12;

export function createSimulatedWork(clock: Clock, hashesPerSecond: number): WorkPort {
  let listener: ((event: WorkEvent) => void) | null = null;
  const running = new Set<string>();
  return {
    listen(heard) {
      listener = heard;
    },
    perform(effect) {
      if (effect.do === 'cancelMining') {
        running.delete(effect.id);
        return;
      }
      const { id, scheme, inner, target, validTillMs } = effect;
      const high = new DataView(clock.seed().buffer).getUint32(0);
      let low = 0;
      let nonce: Uint8Array | null = null;
      while (nonce === null && low < 2 ** 31) {
        nonce = kernels[scheme](inner, target, { high, low }, sliceHashes);
        low += sliceHashes;
      }
      const hashes = nonce === null ? low : new DataView(nonce.buffer).getUint32(4) + 1;
      const doneMs = clock.now() + Math.ceil((hashes / hashesPerSecond) * 1_000);
      running.add(id);
      clock.at(Math.min(doneMs, validTillMs), () => {
        if (!running.delete(id)) return;
        if (nonce === null || doneMs > validTillMs) {
          listener?.({ on: 'miningFailed', id, reason: 'out of time' });
        } else {
          listener?.({ on: 'mined', id, nonce });
        }
      });
    },
  };
}
