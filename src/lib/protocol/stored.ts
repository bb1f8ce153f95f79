/**
 * Stored states as bytes: JSON with bigints and byte strings marked, behind a version. A state is plain data, so what comes
 * back equals what went in. A disk written by an earlier release is brought up to date once, when the node starts
 * (`upgradeStored`); nothing else ever meets an old shape.
 */
import { bytesOf, hexOf, textOf, utf8 } from './bytes.ts';
import type { Effect, StoreEntry } from './machine.ts';

/** Raised, with an upgrade from the version before, when stored states change shape. */
export const storedVersion = 1;

/** An entry's state in the next version. Pure; its key tells what it is. */
export type Upgrade = (key: string, state: unknown) => unknown;

/** By the version they start from: one for every version before `storedVersion`. */
export const upgrades: Readonly<Record<number, Upgrade>> = {};

/** The disk was written by a release that knows more than this one: guessing at it could cost money. */
export class NewerStored extends Error {
  constructor(version: number) {
    super(
      `This memory was made by a newer version of Gig-Gossip (${version}, here ${storedVersion}): update the app.`,
    );
  }
}

export function toStored(state: unknown): Uint8Array {
  return wrapped(storedVersion, state);
}

/** Throws on bytes this node did not write: its memory is damaged, and it must not guess about money. */
export function readStored<State>(bytes: Uint8Array): State {
  const { version, state } = opened(bytes);
  if (version !== storedVersion) throw new Error(`stored state: version ${version}`);
  return state as State;
}

/** What a disk holds, in the shapes of today, step by step from whichever version. Throws NewerStored. */
export function upgradeStored(
  entries: readonly StoreEntry[],
  now: number = storedVersion,
  steps: Readonly<Record<number, Upgrade>> = upgrades,
): StoreEntry[] {
  return entries.map((entry) => {
    if (entry.value === null) return entry;
    const { version, state } = opened(entry.value);
    if (version === now) return entry;
    if (version > now) throw new NewerStored(version);
    let upgraded = state;
    for (let from = version; from < now; from++) {
      const step = steps[from];
      if (step === undefined) throw new Error(`stored state: no way on from version ${from}`);
      upgraded = step(entry.key, upgraded);
    }
    return { key: entry.key, value: wrapped(now, upgraded) };
  });
}

function wrapped(version: number, state: unknown): Uint8Array {
  return utf8(JSON.stringify({ version, state }, mark));
}

function opened(bytes: Uint8Array): { readonly version: number; readonly state: unknown } {
  const text = textOf(bytes);
  if (text === null) throw new Error('stored state: not UTF-8');
  const envelope = JSON.parse(text, unmark) as { version?: unknown; state: unknown } | null;
  const version = envelope?.version;
  if (envelope === null || typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new Error('stored state: no version');
  return { version, state: envelope.state };
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
