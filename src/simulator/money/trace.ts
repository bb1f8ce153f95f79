/** The trace of a run: a hash over every effect and event of every node, in order. Two runs with one trace did the same. */
import { createHash, type Hash } from 'node:crypto';

export class Trace {
  readonly #hash: Hash = createHash('sha256');
  /** The last lines, for somebody who looks for a failure; kept only if asked for. */
  readonly lines: string[] = [];
  readonly #keep: boolean;

  constructor(keep = false) {
    this.#keep = keep;
  }

  add(nowMs: number, who: string, what: object): void {
    this.#hash.update(`${nowMs} ${who}`);
    for (const value of Object.values(what)) this.#addValue(value);
    if (this.#keep) this.lines.push(`${nowMs} ${who} ${lineOf(what)}`);
  }

  note(nowMs: number, text: string): void {
    this.#hash.update(text);
    if (this.#keep) this.lines.push(`${nowMs} ---- ${text}`);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  #addValue(value: unknown): void {
    if (value instanceof Uint8Array) this.#hash.update(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        this.#hash.update(key);
        this.#addValue(inner);
      }
    } else this.#hash.update(String(value));
  }
}

function lineOf(what: object): string {
  const show = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'string' && value.length > 24) return `${value.slice(0, 8)}~`;
    return value;
  };
  return Object.entries(what)
    .map(([key, value]) => `${key}=${String(show(value))}`)
    .join(' ');
}
