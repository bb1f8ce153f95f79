/**
 * Stored states as bytes: JSON with bigints and byte strings marked, behind a version. A state is plain data, so what comes
 * back equals what went in.
 */
import { bytesOf, hexOf, textOf, utf8 } from './bytes.ts';
import type { Effect } from './machine.ts';

/** Raised when stored states change shape; older ones are brought up to date in `readStored`. */
export const storedVersion = 1;

export function toStored(state: unknown): Uint8Array {
  return utf8(JSON.stringify({ version: storedVersion, state }, mark));
}

/** Throws on bytes this node did not write: its memory is damaged, and it must not guess about money. */
export function readStored<State>(bytes: Uint8Array): State {
  const text = textOf(bytes);
  if (text === null) throw new Error('stored state: not UTF-8');
  const envelope = JSON.parse(text, unmark) as { version: number; state: State };
  if (envelope.version !== storedVersion) {
    throw new Error(`stored state: version ${envelope.version}, not ${storedVersion}`);
  }
  return envelope.state;
}

export function store(key: string, state: unknown): Effect {
  return { do: 'store', key, value: state === null ? null : toStored(state) };
}

function mark(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $big: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: hexOf(value) };
  return value;
}

function unmark(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$big' in value) return BigInt(value.$big as string);
  if ('$bytes' in value) return bytesOf(value.$bytes as string);
  return value;
}
