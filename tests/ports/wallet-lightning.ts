/** Real Lightning for tests: a relay, a devnet, and worlds in which every wallet is one of its. */
import { vi } from 'vitest';
import {
  startLightning,
  type Lightning,
  type Personality,
} from '../../src/devnet/lightning/index.ts';
import { startNostrRelay, type ListeningRelay } from '../../src/devnet/nostr-relay.ts';
import type { NwcOptions } from '../../src/lib/adapters/wallet/nwc.ts';
import type { WalletPort } from '../../src/lib/runtime/ports.ts';
import type { TestWallet, World } from './wallet-world.ts';

/** For whatever takes a moment on an idle machine, on a busy one. */
export const PATIENCE_MS = 60_000;
/** ms between looks of the adapter, and until a refused payment counts as not made. */
export const quick = { network: 'regtest', pollMs: 300, absentMs: 300 } as const;

export interface RealWorlds {
  readonly relay: ListeningRelay;
  readonly lightning: Lightning;
  /** A world whose wallets are all like that. */
  world(personality?: Partial<Personality>, options?: NwcOptions): World;
  /** Disconnects all nodes there were, so that they are no burden to the next test. */
  rest(): void;
  stop(): Promise<void>;
}

/** The adapter under test is made by `createPort`, wherever it runs. */
export async function startRealWorlds(
  createPort: (options: NwcOptions) => WalletPort,
): Promise<RealWorlds> {
  const relay = await startNostrRelay();
  const lightning = await startLightning({ nostrUrl: relay.url, wallets: 4 });
  const open: WalletPort[] = [];

  async function openWallet(
    sats: number,
    personality: Partial<Personality>,
    options: NwcOptions,
  ): Promise<TestWallet> {
    const uri = await lightning.mint({ sats, personality });
    const key = uri.slice('nostr+walletconnect://'.length, uri.indexOf('?'));
    return {
      uri,
      start() {
        const port = createPort(options);
        open.push(port);
        return port;
      },
      async balance() {
        const { wallets } = await lightning.balances();
        return wallets.find((wallet) => wallet.key === key)!.balanceMsat;
      },
    };
  }

  return {
    relay,
    lightning,
    world: (personality = {}, options = quick) => ({
      open: (sats) => openWallet(sats, personality, options),
      now: () => Date.now(),
      async mine(blocks) {
        await lightning.mine(blocks);
      },
      height: async () => (await lightning.balances()).height,
      async imbalance() {
        const { wallets, mintedMsat } = await lightning.balances();
        const parts = wallets.map(({ balanceMsat, outgoingMsat }) => balanceMsat + outgoingMsat);
        return parts.reduce((sum, part) => sum + part, 0n) - mintedMsat;
      },
      until: waitFor,
    }),
    rest() {
      for (const port of open.splice(0)) port.perform({ do: 'disconnectWallet' });
    },
    async stop() {
      await lightning.stop();
      await relay.close();
    },
  };
}

function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const check = async () => {
    if (!(await condition())) throw new Error(`in vain: ${what}`);
  };
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });
}
