/** What the page may ask of the keeper of this node's secrets, and what it is answered. Each is asked once and answered once. */
import type { LockView, Opener, Passkey } from '../lib/adapters/secrets/sealed-store.ts';
import type { BackupView } from '../lib/runtime/backup.ts';

export type { BackupView, LockView, Opener, Passkey };

export type KeeperWish =
  | { readonly ask: 'unlock'; readonly opener: Opener }
  /** Start although the node was moved away from here. */
  | { readonly ask: 'stay' }
  | { readonly ask: 'lockView' }
  /** A first passphrase, or another one in place of `current`'s. */
  | { readonly ask: 'setPassphrase'; readonly passphrase: string; readonly current: Opener | null }
  | {
      readonly ask: 'setPasskey';
      readonly passkey: Passkey & { readonly secret: Uint8Array };
      readonly current: Opener;
    }
  | { readonly ask: 'removePasskey' }
  | { readonly ask: 'removeLock'; readonly current: Opener }
  | { readonly ask: 'words' }
  /** A move stops the node here for good. */
  | {
      readonly ask: 'backup';
      readonly kind: 'copy' | 'move';
      readonly passphrase: string;
      readonly withWallet: boolean;
    }
  /** Opened and looked at; nothing changes before `restore`. */
  | { readonly ask: 'openFile'; readonly text: string; readonly passphrase: string }
  | { readonly ask: 'openWords'; readonly text: string }
  /** What was opened last takes the place of everything here; the page must start over. */
  | { readonly ask: 'restore' };

export type KeeperProblem =
  | 'WRONG_KEY'
  | 'NOT_A_BACKUP'
  | 'WRONG_PASSPHRASE'
  | 'NEWER'
  | 'WORDS_WRONG'
  | 'OTHER_NETWORK'
  | 'FAILED';

export interface KeeperAnswers {
  readonly unlock: null;
  readonly stay: null;
  readonly lockView: LockView | null;
  readonly setPassphrase: null;
  readonly setPasskey: null;
  readonly removePasskey: null;
  readonly removeLock: null;
  readonly words: readonly string[];
  readonly backup: string;
  readonly openFile: BackupView;
  readonly openWords: BackupView;
  readonly restore: null;
}

export type KeeperAnswer<Ask extends KeeperWish['ask'] = KeeperWish['ask']> =
  | { readonly ok: true; readonly value: KeeperAnswers[Ask] }
  | { readonly ok: false; readonly problem: KeeperProblem };

/** The node does not start before its owner did something. */
export type KeptFrom =
  | { readonly why: 'locked'; readonly lock: LockView }
  /** A file to move it was made here: two devices with one key would pay from two memories. */
  | { readonly why: 'moved'; readonly atMs: number };
