/** The second half of `en.ts`: the node, its wallet and the practice network. */
import { people } from './people.ts';

export const enDesk = {
  node: {
    title: 'Node',
    you: 'You',
    peerKey: 'Node key',
    network: 'Bitcoin network',
    addresses: 'Addresses others reach you at',
    noAddresses: 'None yet. A relay gives you one.',
    peers: 'Neighbours',
    noPeers: 'Nobody yet. Relays introduce you to others; this can take a few seconds.',
    direct: 'direct',
    relayed: 'over a relay',
    away: 'away',
    clean: 'no faults',
    faults: (n: number) => people(n, 'fault', 'faults'),
    settlers: 'Settlers you trust',
    settlersWhy:
      'They vouch for people and hold the keys to locked payments. Choose ones you know.',
    settlerAdd: 'Settler’s line (root.peer@address)',
    settlerAddDo: 'Trust this settler',
    settlerBad:
      'This is no settler’s line. Nothing was changed. It reads root.peer@address; ask the settler for it.',
    settlerRemove: 'Stop trusting',
    settlerKnown: (fee: string) => `fee ${fee}`,
    settlerUnknown: 'not seen yet',
    noSettlers: 'None yet. Without one you can look, but not hire or work.',
    earnings: 'What carrying earned',
    earned: 'Earned',
    underWay: 'Under way',
    free: 'Your wallet cannot pay on what it holds, so your node carries for nothing.',
    full: (n: number, most: number) =>
      `${n} of ${most} payments held for others; each makes your node ask for more work.`,
    carriedTopics: (n: number) => `${people(n, 'job', 'jobs')} passed on since the start`,
    noEarnings: 'Nothing yet. You earn a fee when an offer you carried home is taken.',
    policy: 'Your rules',
    carryKinds: 'Kinds of job to pass on',
    carry: 'Pass on other people’s jobs',
    workMs: 'Work you ask for, in milliseconds of a phone',
    fee: 'Your fee an offer, in sats',
    lossCap: 'Most you pay ahead, in sats',
    save: 'Save rules',
    saved: 'Saved.',
    about: 'About',
    aboutText:
      'Free software under Apache-2.0. It needs no server of ours: phones talk to each other, and money stays in your own wallets.',
    reset: 'Erase everything on this device',
    resetTitle: 'Erase everything?',
    resetWhy:
      'Your key, jobs, messages and wallet connection on this device are deleted for good. Sats in your wallet stay there.',
    resetHeld: (amount: string) =>
      `${amount} are held or on their way right now. If you erase, this device can no longer finish those jobs, and payments you carried for others may be lost.`,
    resetYes: 'Erase',
    forget: 'Leave the practice network',
    forgetWhy:
      'Play money stays with its wallet; this device forgets the practice network’s address.',
    wallet: 'Wallet',
  },
  wallet: {
    title: 'Wallet',
    none: 'Your money stays in your own wallet. Connect one to pay or be paid.',
    play: 'Use a play-money wallet',
    other: 'Or connect a wallet of your own',
    playing: 'Asking the practice network for a wallet, about 2 s',
    playFailed:
      'The practice network gave no wallet. No money moved. Check that it runs, then try again.',
    paste: 'Wallet address (nostr+walletconnect://…)',
    pasteHint:
      'In your wallet, make a new app connection and paste its address here. It stays on this device.',
    connect: 'Connect this wallet',
    connecting: 'Waiting for your wallet to answer, up to 20 s',
    stop: 'Stop waiting',
    ready: 'Connected',
    balance: 'Balance',
    height: 'Block height',
    network: 'Network',
    can: 'What it can do',
    canPay: 'Pay: you can hire.',
    canHold: 'Hold: you can work, settle and earn by carrying.',
    relays: {
      untried: 'Earn by carrying: your node tries it with the first offer it brings home.',
      yes: 'Earn by carrying: it paid on what it held.',
      no: 'It cannot pay on a payment that it holds. Your node still passes offers on, for nothing, and tries again once a day. You lose nothing.',
    },
    relaysRetry: 'Let it try again',
    shadow: (blocks: number) =>
      blocks === 0
        ? 'Its payments come back as soon as invoice and route allow.'
        : `Its payments may stay locked up to ${blocks} blocks longer than asked, about ${Math.ceil(blocks / 6)} h, so only the last neighbour before the settler earns a fee.`,
    shadowNone: 'I know that my wallet adds no extra blocks',
    cannotHold:
      'It cannot hold payments. You can hire and pass jobs on for free, but not work or settle.',
    disconnect: 'Disconnect',
    disconnectTitle: 'Disconnect this wallet?',
    disconnectWhy:
      'Your sats stay in it. Jobs under way need it: held payments then come back or expire by their block.',
    another: 'Connect another wallet',
  },
  devnet: {
    title: 'Join a practice network?',
    why: 'This link sets up a practice network with play money: its relays and settlers replace yours. Open it only if you trust where it came from.',
    yes: 'Join',
    no: 'Stay as I am',
    malformed: 'This link is damaged. Nothing was changed. Copy it again, whole.',
  },
};
