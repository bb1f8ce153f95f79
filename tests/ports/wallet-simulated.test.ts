/** The wallet suite on the simulated ledger, under a virtual clock. */
import type { Clock } from '../../src/lib/runtime/ports.ts';
import { createLedger } from '../../src/simulator/lightning.ts';
import { walletSuite } from './wallet-suite.ts';
import type { World } from './wallet-world.ts';

/** ms of virtual time after which something that has not happened will not. */
const PATIENCE_MS = 60_000;

class VirtualClock implements Clock {
  #nowMs = Date.UTC(2026, 7, 1);
  #due: { readonly atMs: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  at(atMs: number, callback: () => void): void {
    this.#due.push({ atMs, callback });
    this.#due.sort((a, b) => a.atMs - b.atMs);
  }

  seed(): Uint8Array {
    return new Uint8Array(32);
  }

  /** Does what is due next, unless that is later than `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.#due[0];
    if (!next || next.atMs > untilMs) return false;
    this.#due.shift();
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    return true;
  }
}

function simulatedWorld(): World {
  const clock = new VirtualClock();
  const ledger = createLedger({ clock, network: 'regtest' });
  let wallets = 0;
  let openedMsat = 0n;
  return {
    open(sats) {
      const name = `wallet ${wallets++}`;
      const balanceMsat = BigInt(sats) * 1_000n;
      openedMsat += balanceMsat;
      ledger.wallet(name, { balanceMsat });
      return Promise.resolve({
        uri: ledger.uri(name),
        start: () => ledger.wallet(name),
        balance: () => Promise.resolve(ledger.balances()[name]!),
      });
    },
    now: () => clock.now(),
    mine: (blocks) => Promise.resolve(ledger.mine(blocks)),
    height: () => Promise.resolve(ledger.height),
    imbalance() {
      const balances = Object.values(ledger.balances());
      const amounts = ledger.inFlight().map(({ amountMsat }) => amountMsat);
      const all = [...balances, ...amounts].reduce((sum, amount) => sum + amount, 0n);
      return Promise.resolve(all - openedMsat);
    },
    async until(condition, what) {
      const endMs = clock.now() + PATIENCE_MS;
      while (!(await condition())) {
        if (!clock.step(endMs)) throw new Error(`in vain: ${what}`);
      }
    },
  };
}

const world = simulatedWorld();
walletSuite('a simulated wallet', () => world);
