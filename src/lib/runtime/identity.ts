/**
 * The one secret of a node, from which all its keys are derived: loaded, or made and durable before it is used. The network
 * adapter needs it before the node starts, so it is read ahead of the runtime.
 */
import { readStored, toStored, upgradeStored } from '../protocol/index.ts';
import type { Clock, StorePort } from './ports.ts';

export const identityKey = 'identity';

/** 32 bytes. Rejects if the store fails, with NewerStored if a newer release wrote it. Afterwards the store is the runtime's to listen to. */
export function loadIdentity(store: StorePort, clock: Clock): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let fresh: Uint8Array | null = null;
    store.listen((event) => {
      if (event.on === 'storeFailed') return reject(new Error(event.reason));
      if (event.on === 'written' && fresh !== null) return resolve(fresh);
      if (event.on !== 'loaded') return;
      try {
        const known = upgradeStored(event.entries).find(({ key }) => key === identityKey);
        if (known?.value) return resolve(readStored<Uint8Array>(known.value));
      } catch (error) {
        return reject(error as Error);
      }
      fresh = clock.seed();
      const entry = { key: identityKey, value: toStored(fresh) };
      store.perform({ do: 'write', id: -1, entries: [entry] });
    });
    store.perform({ do: 'load', id: -2 });
  });
}
