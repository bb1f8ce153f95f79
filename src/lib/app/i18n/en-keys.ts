/** Keys and backup: words, files, moving, restoring, and the lock on this device. */
import type { KeeperProblem } from '../app-link.ts';
import { people } from './people.ts';

const problems: Record<KeeperProblem, string> = {
  WRONG_KEY: 'That does not open it. Nothing was changed and nothing is lost. Try again.',
  NOT_A_BACKUP: 'This is no backup of Gig-Gossip. Nothing was changed. Choose another file.',
  WRONG_PASSPHRASE:
    'The file does not open with this passphrase. Nothing was changed and nothing is lost. Try again; it must be typed exactly.',
  NEWER: 'A newer version of Gig-Gossip made this file. Nothing was changed. Update the app first.',
  WORDS_WRONG:
    'These are not the 24 words: one is missing, misspelt or in another place. Nothing was changed. Check them and try again.',
  OTHER_NETWORK:
    'This backup is of another Bitcoin network. Nothing was changed. Open the app on that network and restore it there.',
  FAILED:
    'The device could not do that. Nothing was changed. Make room on it, reload, and try again.',
};

export const enKeys = {
  keys: {
    title: 'Keys and backup',
    lead: 'Everything you are here is on this device alone. Nobody can reset it for you.',
    notYet: 'No backup yet',
    since: (when: string) => `Last backup ${when}`,
    problems,
    passphrase: 'Passphrase',
    passphraseNew: 'A passphrase, at least 8 characters',
    passphraseAgain: 'The same again',
    passphraseNow: 'Your passphrase now',
    short:
      'Too short. Take at least 8 characters; four words that do not belong together are good.',
    differ: 'The two are not the same.',
    working: 'Making it hard to guess, a few seconds',
    words: {
      title: 'Your 24 words',
      why: 'They bring back who you are: your name, your keys, your settler’s desk. They know nothing of jobs, certificates or your wallet: for those make a file, too.',
      show: 'Show my words',
      warn: 'Whoever reads them can be you. Write them on paper; take no photo.',
      written: 'I wrote them down',
      hide: 'Hide them',
      ask: (n: number) => `Word ${n}`,
      check: 'Check',
      wrong: 'That is another word. Look at your paper again.',
      done: 'Good. Your words are on paper.',
    },
    file: {
      title: 'A backup file',
      why: 'Everything this device knows, locked with a passphrase of yours. Make one now and then, for the day you lose this phone.',
      old: 'A file knows what was so when it was made. Certificates are asked for anew; jobs begun since are not in it. A settler’s open promises are not taken up from a file that may be old: what you signed since, it does not know.',
      wallet: 'With the wallet’s connection',
      walletWhy:
        'Whoever opens the file could spend with it, up to the limit you set in your wallet. Without it you connect your wallet again.',
      make: 'Save a backup file',
      made: 'Saved. Keep file and passphrase apart: neither is of use alone.',
    },
    move: {
      title: 'Move to another device',
      why: 'Your node stops here and goes on there, with every job and payment that is under way. One key must never run on two devices: each would pay and sign without knowing what the other did.',
      make: 'Stop here and save the file',
      sure: 'Stop this node?',
      sureWhy:
        'From now on nothing is paid, signed or answered here. Restore the file on the other device soon: what is held waits only until its block.',
      made: 'Your node has stopped here. Restore the file on your other device, and when it runs there, erase this one.',
      saveAgain: 'Save the file again',
      erase: 'It runs there: erase this device',
    },
    restore: {
      title: 'Restore',
      why: 'From a file, or from your words. It takes the place of everything on this device.',
      file: 'Backup file',
      words: 'Your 24 words',
      open: 'Open it',
      found: { move: 'A node that was moved', copy: 'A copy of a node', words: 'Your words' },
      madeAt: (when: string) => `made ${when}`,
      under: {
        job: (n: number) => people(n, 'job you posted', 'jobs you posted'),
        offer: (n: number) => people(n, 'offer you made', 'offers you made'),
        leg: (n: number) => people(n, 'payment you carry', 'payments you carry'),
        settlement: (n: number) => people(n, 'promise you settle', 'promises you settle'),
        'thank-you': (n: number) =>
          people(n, 'reply without a settler', 'replies without a settler'),
        unsettled: (n: number) =>
          people(n, 'reply of yours without a settler', 'replies of yours without a settler'),
      },
      underTitle: 'Under way when it was made',
      nothing: 'Nothing was under way when it was made: no money depends on it.',
      means: {
        move: 'They go on here from where they stopped: your node looks at the wallet and asks the settlers first, so nothing is paid twice.',
        copy: 'They go on from where they are now: your node looks at the wallet and asks the settlers first, so nothing is paid twice. Jobs begun after it was made are not in it: sats held for those come back by their block, or are paid if their worker did the job. Do not hire anybody for the same job again before your wallet shows nothing held.',
        words:
          'Words know of no jobs. Sats that are held for a job come back by their block, or are paid if its worker did it; what you were to be paid you can only collect with a file. Sats in your wallet are where they were.',
      },
      settler: (n: number) =>
        `${people(n, 'open promise is', 'open promises are')} left out, as this file may be old: to sign twice would be fraud. The people in them get what silence gives them. People you revoked since the file was made are vouched for again until you revoke them once more.`,
      wallet:
        'Connect the same wallet afterwards: without it nothing that is held can be collected.',
      replaces: 'What is on this device now is erased by it.',
      heldHere: (amount: string) =>
        `${amount} are held or on their way for the node that is here now. Wait until they are back, or move that node first.`,
      yes: 'Restore it here',
      asking: 'Asking whether your other device is awake, up to 12 s',
      awake:
        'Your other device is running with this key right now, so nothing was restored: with two, each would pay and sign without knowing what the other did. Move it from there, or erase it there, then try again.',
      oneOnly: 'If the other device is only switched off, erase it before you use it again.',
    },
    lock: {
      title: 'Lock this device',
      off: 'Not locked: whoever opens this phone and this browser can read your keys.',
      on: 'Locked. You are asked each time the app starts; while it runs, nobody is.',
      why: 'Everything the app keeps here is sealed with a key that only your passphrase opens. Forget it, and only a backup brings you back.',
      set: 'Lock with a passphrase',
      change: 'Change the passphrase',
      changed: 'Changed.',
      remove: 'Take the lock off',
      passkey: 'Unlock with a passkey, too',
      passkeyWhy: 'Your finger, your face or this device’s code. The passphrase keeps working.',
      passkeyOn: 'A passkey opens it, too.',
      passkeyOff: 'Take the passkey away',
      passkeyNot:
        'This device’s passkeys cannot keep a key for us, or it was not allowed. Nothing was changed; the passphrase works as before.',
      lingers:
        'What was written before the lock may linger on the disk until the browser writes over it.',
    },
    gate: {
      locked: 'Your node is locked',
      lockedWhy:
        'Nothing is sent, paid or answered before you unlock it. Held payments wait until their block.',
      unlock: 'Unlock',
      withPasskey: 'Unlock with your passkey',
      forgot: 'You forgot it?',
      forgotWhy:
        'Nobody can open it for you. Erase this device, then restore your backup file or your 24 words. Sats in your wallet are where they were.',
      moved: 'Your node was moved',
      movedWhy: (when: string) =>
        `A file to move it to another device was made here ${when}. If it runs there, it must not run here: two devices with one key would each pay and sign without knowing what the other did.`,
      stay: 'It was never restored: go on here',
      stayWhy: 'Then throw that file away. It must not be restored any more.',
      erase: 'Erase this device',
    },
    elsewhere: 'This window shows a node that runs elsewhere. Its keys are there.',
  },
};
