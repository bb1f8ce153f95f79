/** Backups: what is in them, what a device takes up of one, and that nobody opens one without its passphrase. */
import { describe, expect, test } from 'vitest';
import { openFile, sealFile } from '../../src/lib/adapters/secrets/backup-file.ts';
import { createSealedStore } from '../../src/lib/adapters/secrets/sealed-store.ts';
import { wordsOf } from '../../src/lib/adapters/secrets/words.ts';
import { readStored, toStored, type StoreEntry } from '../../src/lib/protocol/index.ts';
import {
  backupOf,
  decodeBackup,
  encodeBackup,
  secretIn,
  takenUp,
  takenUpOfSecret,
  viewOf,
  type Backup,
} from '../../src/lib/runtime/backup.ts';
import { identityKey } from '../../src/lib/runtime/identity.ts';
import { createMemoryStore } from '../../src/simulator/store.ts';
import { createKeeper } from '../../src/workers/node-keeper.ts';
import type { KeptFrom, KeeperWish } from '../../src/workers/keeper-messages.ts';

const secret = new Uint8Array(32).fill(7);
const entry = (key: string, state: unknown): StoreEntry => ({ key, value: toStored(state) });
const passphrase = 'four quiet words here';

const disk: readonly StoreEntry[] = [
  entry(identityKey, secret),
  entry('job/1', { state: 'Matched' }),
  entry('job/2', { state: 'Ended' }),
  entry('leg/1', { state: 'Paying' }),
  entry('member/1', { certificates: [1, 2, 3], next: 1, batch: 2 }),
  entry('miners', {}),
  entry('offer/1', { state: 'Sent' }),
  entry('offer/2', { state: 'Lost' }),
  entry('relays', ['/dns4/relay.example/tcp/443/wss/p2p/16Uiu2']),
  entry('settlement/1', { state: 'Unlocked' }),
  entry('settlement/2', { state: 'Ended' }),
  entry('wallet', 'nostr+walletconnect://'),
];
const made = (kind: Backup['kind'], withWallet = true) =>
  backupOf(disk, { kind, madeAtMs: 5, network: 'regtest' }, { withWallet });
const keysOf = (entries: readonly StoreEntry[]) => entries.map(({ key }) => key);

describe('a backup', () => {
  test('has all but what belongs to the device, and the wallet only if asked', () => {
    expect(keysOf(disk).filter((key) => !keysOf(made('copy').entries).includes(key))).toEqual([
      'miners',
    ]);
    expect(keysOf(made('copy', false).entries)).not.toContain('wallet');
  });

  test('of a move is taken up as it is: the node goes on as after any restart', () => {
    const backup = decodeBackup(encodeBackup(made('move')))!;
    expect(takenUp(backup)).toEqual(disk.filter(({ key }) => key !== 'miners'));
  });

  test('that may be old signs nothing twice: no open promise of a settler, no certificate again', () => {
    const taken = takenUp(decodeBackup(encodeBackup(made('copy')))!);
    expect(keysOf(taken)).not.toContain('settlement/1');
    expect(keysOf(taken)).toContain('settlement/2');
    const member = taken.find(({ key }) => key === 'member/1')!;
    expect(readStored(member.value!)).toEqual({ certificates: [1, 2, 3], next: 3, batch: 2 });
    for (const key of ['job/1', 'leg/1', 'offer/1']) {
      expect(taken).toContainEqual(disk.find((one) => one.key === key));
    }
  });

  test('tells what was under way, and of whom it is', () => {
    const view = viewOf(made('copy'));
    expect(view.open).toEqual({
      job: 1,
      offer: 1,
      leg: 1,
      settlement: 1,
      'thank-you': 0,
      unsettled: 0,
    });
    expect(view).toMatchObject({ kind: 'copy', madeAtMs: 5, hasWallet: true });
    expect(view.relays).toHaveLength(1);
    expect(secretIn(takenUpOfSecret(secret, []))).toEqual(secret);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['another thing', '{"entries":[]}'],
    ['no secret', JSON.stringify({ kind: 'copy', madeAtMs: 1, network: 'regtest', entries: [] })],
    [
      'odd entries',
      JSON.stringify({ kind: 'copy', madeAtMs: 1, network: 'regtest', entries: [3] }),
    ],
  ])('%s is none', (_name, text) => {
    expect(decodeBackup(new TextEncoder().encode(text))).toBeNull();
  });
});

describe('a file', () => {
  test('opens with its passphrase, and shows nothing without', async () => {
    const plain = encodeBackup(made('copy'));
    const file = await sealFile(plain, passphrase, { cheap: true });
    expect(file).not.toContain('walletconnect');
    expect(await openFile(file, passphrase)).toEqual(plain);
    expect(await openFile(file, 'something else')).toBe('WRONG_PASSPHRASE');
  });

  test('that was changed does not open, nor one that would take all memory, nor a newer one', async () => {
    const file = await sealFile(encodeBackup(made('copy')), passphrase, { cheap: true });
    const parsed = JSON.parse(file) as { argon2id: { m: number; t: number } };
    const changed = (over: object) => openFile(JSON.stringify({ ...parsed, ...over }), passphrase);
    const { argon2id } = parsed;
    expect(await changed({ argon2id: { ...argon2id, t: 2 } })).toBe('WRONG_PASSPHRASE');
    expect(await changed({ argon2id: { ...argon2id, m: 2 ** 30 } })).toBe('NOT_A_BACKUP');
    expect(await changed({ version: 2 })).toBe('NEWER');
    expect(await changed({ sealed: '%' })).toBe('NOT_A_BACKUP');
    expect(await openFile('not json', passphrase)).toBe('NOT_A_BACKUP');
  });
});

describe('the keeper', () => {
  /** A device with this disk. */
  async function device(entries: readonly StoreEntry[]) {
    const clock = {
      now: () => 9,
      at: (_atMs: number, callback: () => void) => queueMicrotask(callback),
      seed: () => secret,
    };
    const memory = createMemoryStore({ clock });
    const store = createSealedStore(memory, { cheap: true });
    await store.replaceAll(entries);
    return (): {
      ask: (wish: KeeperWish) => Promise<unknown>;
      told: KeptFrom[];
      stops: () => number;
      admitted: Promise<void>;
      left: () => Promise<readonly StoreEntry[]>;
    } => {
      let stops = 0;
      const told: KeptFrom[] = [];
      const own = createSealedStore(memory, { cheap: true });
      const keeper = createKeeper({
        store: own,
        network: 'regtest',
        now: () => 9,
        tell: (kept) => told.push(kept),
        stop: () => stops++,
        cheap: true,
      });
      const left = () => own.entries();
      return { ask: keeper.answer, told, stops: () => stops, admitted: keeper.admitted, left };
    };
  }

  test('a move ends the node here, and it does not start again unless its owner insists', async () => {
    const start = await device(disk);
    const here = start();
    await here.admitted;
    const answer = await here.ask({ ask: 'backup', kind: 'move', passphrase, withWallet: true });
    expect(here.stops()).toBe(1);

    const again = start();
    await expect.poll(() => again.told).toEqual([{ why: 'moved', atMs: 9 }]);
    expect(await again.ask({ ask: 'stay' })).toEqual({ ok: true, value: null });
    await again.admitted;

    const there = (await device([entry(identityKey, new Uint8Array(32))]))();
    await there.admitted;
    const { value: text } = answer as { value: string };
    expect(await there.ask({ ask: 'openFile', text, passphrase: 'wrong' })).toMatchObject({
      problem: 'WRONG_PASSPHRASE',
    });
    expect(await there.ask({ ask: 'restore' })).toMatchObject({ ok: false });
    expect(await there.ask({ ask: 'openFile', text, passphrase })).toMatchObject({
      value: { kind: 'move' },
    });
    expect(await there.ask({ ask: 'restore' })).toEqual({ ok: true, value: null });
    expect(await there.left()).toEqual(disk.filter(({ key }) => key !== 'miners'));
  });

  test('a locked node answers nothing and starts nothing before it is unlocked', async () => {
    const start = await device(disk);
    const first = start();
    await first.admitted;
    await first.ask({ ask: 'setPassphrase', passphrase, current: null });
    const again = start();
    await expect.poll(() => again.told).toEqual([{ why: 'locked', lock: { passkey: null } }]);
    expect(await again.ask({ ask: 'words' })).toEqual({ ok: false, problem: 'WRONG_KEY' });
    const opener = { way: 'passphrase', passphrase: 'wrong' } as const;
    expect(await again.ask({ ask: 'unlock', opener })).toEqual({ ok: false, problem: 'WRONG_KEY' });
    await again.ask({ ask: 'unlock', opener: { ...opener, passphrase } });
    await again.admitted;
    expect(await again.ask({ ask: 'words' })).toEqual({ ok: true, value: wordsOf(secret) });
  });

  test('words bring back who one is, and nothing but the relays of the device', async () => {
    const relays = disk.find(({ key }) => key === 'relays')!;
    const there = (await device([entry(identityKey, new Uint8Array(32)), disk[1]!, relays]))();
    await there.admitted;
    expect(await there.ask({ ask: 'openWords', text: 'abandon' })).toMatchObject({
      problem: 'WORDS_WRONG',
    });
    await there.ask({ ask: 'openWords', text: wordsOf(secret).join(' ') });
    await there.ask({ ask: 'restore' });
    expect(await there.left()).toEqual([entry(identityKey, secret), relays]);
  });
});
