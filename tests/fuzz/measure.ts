/** How much a value holds, and how much a step did: counted, so that the answer is the same on every machine. */
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Node } from '../../src/lib/protocol/node.ts';

/** Bytes that plain data with maps and sets takes, about. What is there twice counts once. */
export function sizeOf(value: unknown): number {
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  let size = 0;
  for (let next = waiting.pop(); next !== undefined || waiting.length > 0; next = waiting.pop()) {
    if (typeof next === 'string') size += 16 + next.length;
    else if (typeof next !== 'object' || next === null) size += 8;
    else if (!seen.has(next)) {
      seen.add(next);
      size += 32;
      if (next instanceof Uint8Array) size += next.length;
      else if (next instanceof Map) for (const entry of next) waiting.push(entry[0], entry[1]);
      else if (next instanceof Set) for (const item of next) waiting.push(item);
      else for (const item of Object.values(next)) waiting.push(item);
    }
  }
  return size;
}

type Collections = {
  [K in keyof Node]: Node[K] extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
    ? K
    : never;
}[keyof Node];

const { settlers, sessions } = {
  settlers: limits.settlers,
  sessions: 64,
};

/**
 * Most entries of the collections of a node; of one that is not listed, as many as of the largest. The network adapter bounds
 * sessions; the owner's own wishes bound the rest.
 */
const most: Readonly<Partial<Record<Collections, number>>> = {
  relays: 16,
  sessions,
  peers: limits.peers,
  outbox: limits.outboxPeers,
  asks: limits.openAsks,
  waitingAsks: sessions,
  passages: limits.passages,
  passageSlots: limits.passages,
  jobSlots: limits.jobs,
  payloads: limits.knownPayloads,
  broadcastTo: limits.knownPayloads,
  heard: limits.heard,
  cancelled: limits.cancellations,
  jobs: limits.jobs,
  askedBy: limits.peers,
  quiet: limits.jobs,
  offers: limits.offers,
  legs: limits.passages + limits.endedLegs,
  settlements: limits.openDrafts + limits.endedSettlements,
  watchers: limits.openDrafts + limits.endedSettlements,
  records: limits.records,
  settlers,
  heads: limits.heads,
  revoked: limits.heads,
  ownMemberships: limits.ownMemberships,
  memberships: limits.memberships,
  issued: limits.issuedKeys,
};

/** Most bytes a node's state takes, whatever its peers do. */
export const stateBytes = 64 * 2 ** 20;

/** What of a node is more than it may be; null if nothing is. */
export function overgrown(node: Node): string | null {
  for (const [name, collection] of Object.entries(node)) {
    if (!(collection instanceof Map || collection instanceof Set)) continue;
    const max = most[name as Collections] ?? limits.knownPayloads;
    if (collection.size > max) return `${name}: ${collection.size} entries, at most ${max}`;
  }
  const size = sizeOf(node);
  return size > stateBytes ? `${size} bytes, at most ${stateBytes}` : null;
}

/** Most that one step may touch of a node's collections: a few walks through the longest of them. */
const stepTouches = 100_000;

class Meter {
  touched = 0;

  touch(): void {
    if (++this.touched > stepTouches) throw new Error(`a step touches ${stepTouches} entries`);
  }
}

/** Counts, for the step that runs, how many entries of the node's collections it looks at or walks over. */
export class Budget {
  readonly #meter = new Meter();
  mostTouched = 0;

  /** The same node, every collection of which is counted. */
  watch(node: Node): Node {
    const watched: Record<string, unknown> = { ...node };
    for (const [name, value] of Object.entries(node)) {
      if (value instanceof Map) watched[name] = new CountedMap(value, this.#meter);
    }
    return watched as unknown as Node;
  }

  begin(): void {
    this.mostTouched = Math.max(this.mostTouched, this.#meter.touched);
    this.#meter.touched = 0;
  }
}

class CountedMap<K, V> extends Map<K, V> {
  readonly #meter: Meter;

  constructor(from: Map<K, V>, meter: Meter) {
    super();
    this.#meter = meter;
    for (const [key, value] of from) super.set(key, value);
  }

  override get(key: K): V | undefined {
    this.#meter.touch();
    return super.get(key);
  }

  override *entries(): MapIterator<[K, V]> {
    for (const entry of super.entries()) {
      this.#meter.touch();
      yield entry;
    }
  }

  override *values(): MapIterator<V> {
    for (const value of super.values()) {
      this.#meter.touch();
      yield value;
    }
  }

  override *keys(): MapIterator<K> {
    for (const key of super.keys()) {
      this.#meter.touch();
      yield key;
    }
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
