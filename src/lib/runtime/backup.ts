/**
 * What a backup of a node is, and what of it a device may take up again. Money decides that:
 *
 * - A *move* is made of a node that has stopped for good where it was. Nothing happened since, so the new device goes on as after
 *   any restart: every machine takes up what it was doing.
 * - A *copy* may be old. Customers', workers' and carriers' machines look at the wallet and ask the settler before they do anything,
 *   so they go on from wherever things are now. A settler's promises do not: what it signed since is forgotten, and to sign the
 *   opposite would be fraud. Those that were open are left out; nothing more is signed about them. Certificates that were not used
 *   may have been since, so they count as used, and new ones are asked for.
 */
import {
  nodeSecret,
  peerKeyOf,
  readStored,
  toStored,
  upgradeStored,
  type Network,
  type PeerKey,
  type StoreEntry,
} from '../protocol/index.ts';
import { identityKey } from './identity.ts';

export interface Backup {
  readonly kind: 'move' | 'copy';
  readonly madeAtMs: number;
  readonly network: Network;
  readonly entries: readonly StoreEntry[];
}

/** What somebody should know of a backup before it takes the place of what a device has. */
export interface BackupView {
  readonly kind: 'move' | 'copy' | 'words';
  /** 0 for words, which have no date. */
  readonly madeAtMs: number;
  readonly network: Network | null;
  readonly peer: PeerKey;
  readonly relays: readonly string[];
  readonly hasWallet: boolean;
  /** What was under way when it was made. */
  readonly open: Readonly<Record<OpenKind, number>>;
}

const openKinds = ['job', 'offer', 'leg', 'settlement', 'thank-you', 'unsettled'] as const;
type OpenKind = (typeof openKinds)[number];

/** States in which nothing more can happen to money. */
const over: Readonly<Record<OpenKind, readonly string[]>> = {
  job: ['Ended', 'Withdrawn'],
  offer: ['Paid', 'Lost', 'Failed'],
  leg: ['Ended'],
  settlement: ['Ended'],
  'thank-you': ['Ended', 'Met'],
  unsettled: ['Ended', 'Met', 'Unmet'],
};

/** Of this device alone. */
const ownOfDevice = ['miners'];
/** Whoever has it may spend with it, up to what the wallet allows. */
const walletKey = 'wallet';

/** What goes into a backup: the wallet's connection only if its owner says so. */
export function backupOf(
  entries: readonly StoreEntry[],
  about: Omit<Backup, 'entries'>,
  { withWallet }: { readonly withWallet: boolean },
): Backup {
  const kept = entries.filter(
    ({ key }) => !ownOfDevice.includes(key) && (withWallet || key !== walletKey),
  );
  return { ...about, entries: kept };
}

/** What the disk of the device that takes it up holds then. */
export function takenUp({ kind, entries }: Backup): readonly StoreEntry[] {
  if (kind === 'move') return entries;
  return upgradeStored(entries).flatMap((entry) => {
    if (kindOf(entry.key) === 'settlement') return isOpen(entry) ? [] : [entry];
    if (entry.key.startsWith('member/') && entry.value !== null) return [withoutKeys(entry)];
    return [entry];
  });
}

/** A membership whose certificates are all used. */
function withoutKeys({ key, value }: StoreEntry): StoreEntry {
  const own = readStored<{ readonly certificates: readonly unknown[] }>(value!);
  return { key, value: toStored({ ...own, next: own.certificates.length }) };
}

export function viewOf(backup: Backup): BackupView {
  const { kind, madeAtMs, network } = backup;
  const entries = upgradeStored(backup.entries);
  const found = (key: string) => entries.find((entry) => entry.key === key)?.value ?? null;
  const relays = found('relays');
  const counts = openKinds.map((each) => {
    const open = entries.filter((entry) => kindOf(entry.key) === each && isOpen(entry));
    return [each, open.length] as const;
  });
  return {
    kind,
    madeAtMs,
    network,
    peer: peerKeyOf(nodeSecret(secretIn(entries)!)),
    relays: relays === null ? [] : readStored<string[]>(relays),
    hasWallet: found(walletKey) !== null,
    open: Object.fromEntries(counts) as Record<OpenKind, number>,
  };
}

/** Of words: who one is, and nothing else. */
export function viewOfSecret(secret: Uint8Array): BackupView {
  const counts = openKinds.map((each) => [each, 0] as const);
  return {
    kind: 'words',
    madeAtMs: 0,
    network: null,
    peer: peerKeyOf(nodeSecret(secret)),
    relays: [],
    hasWallet: false,
    open: Object.fromEntries(counts) as Record<OpenKind, number>,
  };
}

/** Words know no network: relays and settlers stay those of the device they are typed on. */
export function takenUpOfSecret(
  secret: Uint8Array,
  here: readonly StoreEntry[],
): readonly StoreEntry[] {
  const stays = ({ key }: StoreEntry) => /^(relays|learned-relays|settler\/.+)$/.test(key);
  return [{ key: identityKey, value: toStored(secret) }, ...here.filter(stays)];
}

/** The node's one secret, 32 bytes; null where there is none. */
export function secretIn(entries: readonly StoreEntry[]): Uint8Array | null {
  const found = entries.find(({ key }) => key === identityKey)?.value;
  return found ? readStored<Uint8Array>(found) : null;
}

/** As bytes, for a file. */
export function encodeBackup({ entries, ...about }: Backup): Uint8Array {
  const values = entries.map(({ key, value }) => [key, new TextDecoder().decode(value!)]);
  return new TextEncoder().encode(JSON.stringify({ ...about, entries: values }));
}

/** Null for what is no backup of a node. NewerStored if a newer release made it. */
export function decodeBackup(bytes: Uint8Array): Backup | null {
  const value = parsed(bytes);
  if (value === null || !Array.isArray(value.entries)) return null;
  const { kind, madeAtMs, network } = value;
  if (kind !== 'move' && kind !== 'copy') return null;
  if (typeof madeAtMs !== 'number' || !isNetwork(network)) return null;
  const entries: StoreEntry[] = [];
  for (const pair of value.entries as unknown[]) {
    if (!Array.isArray(pair)) return null;
    const [key, text] = pair as unknown[];
    if (typeof key !== 'string' || typeof text !== 'string') return null;
    entries.push({ key, value: new TextEncoder().encode(text) });
  }
  const secret = secretIn(upgradeStored(entries));
  return secret?.length === 32 ? { kind, madeAtMs, network, entries } : null;
}

function isNetwork(value: unknown): value is Network {
  return value === 'mainnet' || value === 'testnet' || value === 'regtest';
}

function parsed(bytes: Uint8Array): Partial<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' ? (value as Partial<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}

function kindOf(key: string): OpenKind | null {
  return openKinds.find((kind) => key.startsWith(`${kind}/`)) ?? null;
}

function isOpen({ key, value }: StoreEntry): boolean {
  const kind = kindOf(key);
  if (kind === null || value === null) return false;
  return !over[kind].includes(readStored<{ readonly state: string }>(value).state);
}
