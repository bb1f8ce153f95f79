/** The neighbours of earlier days, kept on this device beside the node's own memory: addresses, and nothing about jobs or money. */
import type { PeerMemory } from '../adapters/network/former-peers.ts';

const key = 'gig-gossip:former-peers';

export function formerPeersIn(storage: Storage): PeerMemory {
  return {
    recall: () => {
      const kept: unknown = parsed(storage.getItem(key) ?? '[]');
      return isList(kept) ? kept : [];
    },
    remember: (peers) => {
      storage.setItem(key, JSON.stringify(peers));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Anything else was not written by us; what a name or an address is worth is seen when it is called. */
function isList(kept: unknown): kept is ReturnType<PeerMemory['recall']> {
  return (
    Array.isArray(kept) &&
    kept.every(
      (entry: unknown) =>
        Array.isArray(entry) &&
        entry.length === 2 &&
        /^0[23][0-9a-f]{64}$/.test(String(entry[0])) &&
        Array.isArray(entry[1]) &&
        entry[1].every((address) => typeof address === 'string'),
    )
  );
}
