/**
 * Keeps this node's secrets in its worker: the lock on its disk, its words, backups made and taken up. A node that is locked, or was
 * moved to another device, is not started before its owner says so. Nothing secret leaves unless the page asks for it by name.
 */
import { openFile, sealFile } from '../lib/adapters/secrets/backup-file.ts';
import type { SealedStore } from '../lib/adapters/secrets/sealed-store.ts';
import {
  backupOf,
  decodeBackup,
  encodeBackup,
  secretIn,
  takenUp,
  takenUpOfSecret,
  viewOf,
  viewOfSecret,
} from '../lib/runtime/backup.ts';
import { NewerStored, type Network, type StoreEntry } from '../lib/protocol/index.ts';
import type { KeeperAnswer, KeeperAnswers, KeeperWish, KeptFrom } from './keeper-messages.ts';

export interface Keeper {
  /** Resolves when the node may start. */
  readonly admitted: Promise<void>;
  answer(wish: KeeperWish): Promise<KeeperAnswer>;
}

export interface KeeperOptions {
  readonly store: SealedStore;
  readonly network: Network;
  readonly now: () => number;
  readonly tell: (kept: KeptFrom) => void;
  /** Ends the node for good: it does nothing more and hears nothing more. */
  readonly stop: () => void;
  /** Tests guess cheaply. */
  readonly cheap?: boolean;
}

const movedName = 'moved';
/** Within the keeper: an answer is a value, or what is wrong. */
class Problem extends Error {
  readonly problem: Extract<KeeperAnswer, { ok: false }>['problem'];

  constructor(problem: Problem['problem']) {
    super(problem);
    this.problem = problem;
  }
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { store, network, now, tell, stop, cheap = false } = options;
  let admit: () => void = () => undefined;
  let refuse: (reason: unknown) => void = () => undefined;
  const admitted = new Promise<void>((resolve, reject) => {
    admit = resolve;
    refuse = reject;
  });
  let locked = true;
  /** What was opened last, as the disk would hold it. */
  let opened: readonly StoreEntry[] | null = null;

  async function look(): Promise<void> {
    const lock = await store.look();
    if (lock !== null) return tell({ why: 'locked', lock });
    await unlocked();
  }

  async function unlocked(): Promise<void> {
    locked = false;
    const moved = await store.recall(movedName);
    if (moved === null) admit();
    else tell({ why: 'moved', atMs: Number(moved) });
  }

  const wrongKey = (isRight: boolean) => {
    if (!isRight) throw new Problem('WRONG_KEY');
    return null;
  };

  async function fileOf(wish: Extract<KeeperWish, { ask: 'backup' }>): Promise<string> {
    const { kind, passphrase, withWallet } = wish;
    const madeAtMs = now();
    if (kind === 'move') {
      stop();
      await store.remember(movedName, String(madeAtMs));
    }
    const about = { kind, madeAtMs, network };
    const backup = backupOf(await store.entries(), about, { withWallet });
    return sealFile(encodeBackup(backup), passphrase, { cheap });
  }

  async function lookInto(text: string, passphrase: string): Promise<KeeperAnswers['openFile']> {
    opened = null;
    const bytes = await openFile(text, passphrase);
    if (typeof bytes === 'string') throw new Problem(bytes);
    const backup = decodeBackup(bytes);
    if (backup === null) throw new Problem('NOT_A_BACKUP');
    if (backup.network !== network) throw new Problem('OTHER_NETWORK');
    opened = takenUp(backup);
    return viewOf(backup);
  }

  async function readWords(text: string): Promise<KeeperAnswers['openWords']> {
    opened = null;
    const { secretOf } = await import('../lib/adapters/secrets/words.ts');
    const secret = secretOf(text);
    if (secret === null) throw new Problem('WORDS_WRONG');
    opened = takenUpOfSecret(secret, await store.entries());
    return viewOfSecret(secret);
  }

  async function do_(wish: KeeperWish): Promise<KeeperAnswers[KeeperWish['ask']]> {
    if (locked && wish.ask !== 'unlock') throw new Problem('WRONG_KEY');
    switch (wish.ask) {
      case 'unlock':
        wrongKey(await store.unlock(wish.opener));
        await unlocked();
        return null;
      case 'stay':
        await store.remember(movedName, null);
        admit();
        return null;
      case 'lockView':
        return store.look();
      case 'setPassphrase':
        return wrongKey(await store.setPassphrase(wish.passphrase, wish.current));
      case 'setPasskey':
        return wrongKey(await store.setPasskey(wish.passkey, wish.current));
      case 'removePasskey':
        await store.removePasskey();
        return null;
      case 'removeLock':
        return wrongKey(await store.removeLock(wish.current));
      case 'words': {
        const { wordsOf } = await import('../lib/adapters/secrets/words.ts');
        return wordsOf(secretIn(await store.entries())!);
      }
      case 'backup':
        return fileOf(wish);
      case 'openFile':
        return lookInto(wish.text, wish.passphrase);
      case 'openWords':
        return readWords(wish.text);
      case 'restore':
        if (opened === null) throw new Problem('NOT_A_BACKUP');
        stop();
        await store.replaceAll(opened);
        return null;
    }
  }

  void look().catch(refuse);
  return {
    admitted,
    answer: async (wish) => {
      try {
        return { ok: true, value: await do_(wish) };
      } catch (error) {
        if (error instanceof Problem) return { ok: false, problem: error.problem };
        return { ok: false, problem: error instanceof NewerStored ? 'NEWER' : 'FAILED' };
      }
    },
  };
}
