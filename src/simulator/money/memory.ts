/**
 * What one process of a money simulation remembers of cryptography: what was computed once is looked up. Every twentieth run does
 * without and must leave the same trace.
 */

/** Off: every call goes to noble. */
export const memory = { on: true, hits: 0, misses: 0 };

/** Entries of one table after which all of it is forgotten: a bound, not a cache policy. */
const mostEntries = 200_000;

export class Table<Value> {
  readonly #entries = new Map<string, Value>();

  of(key: string, compute: () => Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      memory.hits++;
      return known;
    }
    memory.misses++;
    const value = compute();
    this.learn(key, value);
    return value;
  }

  peek(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  learn(key: string, value: Value): void {
    if (this.#entries.size >= mostEntries) this.#entries.clear();
    this.#entries.set(key, value);
  }
}

/** Bytes as a key of a table. */
export function text(...parts: Uint8Array[]): string {
  return parts.map((part) => Buffer.from(part).toString('latin1')).join('');
}
