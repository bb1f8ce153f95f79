/**
 * What every screen shares: the node's model, the router, a clock and the practice network, if one was joined. Made once by
 * `App.svelte` and handed down as Svelte context.
 */
import { createContext } from 'svelte';
import { StartFault } from './app-link.ts';
import type { AppLink, Keeper, KeptFrom, StartFaultCode, StartHow } from './app-link.ts';
import { Clock } from './clock.ts';
import {
  devnetApplied,
  devnetFrom,
  forgetDevnet,
  markDevnetApplied,
  recallDevnet,
  rememberDevnet,
} from './devnet-link.ts';
import type { Devnet } from './devnet-link.ts';
import type { DeskLog } from './desk/keeper.svelte.ts';
import { usedKey } from './first-visit.ts';
import { blockTime } from './format.ts';
import { NodeModel } from './node-model.svelte.ts';
import { gathered } from './gathered.ts';
import { hashOf } from './route.ts';
import { Router } from './router.svelte.ts';
import { recallRate } from './settings/fiat.svelte.ts';
import { walletLinkFrom } from './wallet-link.ts';

export type StartNode = (how: StartHow) => Promise<AppLink>;
export type Running = 'starting' | 'running' | StartFaultCode | 'FAILED';

/** About a frame, ms: notices that come together are shown together. */
const frameMs = 16;

export class AppState {
  readonly clock = new Clock(() => Date.now());
  readonly model = new NodeModel(() => Date.now());
  readonly router: Router;

  running: Running = $state('starting');
  /** What the browser said when the node did not start, for details. */
  startDetail = $state('');
  devnet: Devnet | null = $state.raw(null);
  /** A link that was opened and waits for the owner's word, because this node is already set up. */
  offered: Devnet | null = $state.raw(null);
  linkDamaged = $state(false);
  /** A wallet's address that came by a link and waits for the owner's word. */
  offeredWallet: string | null = $state(null);
  /** The node waits for its owner: locked, or moved to another device. */
  kept: KeptFrom | null = $state.raw(null);
  /** Of this node's secrets; null for a node elsewhere. */
  keeper: Keeper | null = $state.raw(null);
  /** Of a settler's desk; null for everybody else, and until it is there. */
  log: DeskLog | null = $state.raw(null);

  readonly #page: Window;

  constructor(page: Window) {
    this.#page = page;
    this.devnet = recallDevnet(page.localStorage);
    recallRate(page.localStorage);
    this.router = new Router(page, () => {
      this.#readLink();
    });
  }

  async start(startNode: StartNode, how: StartHow = { takeOver: false }): Promise<void> {
    this.running = 'starting';
    try {
      const link = await startNode({ ...how, onKept: (kept, keeper) => this.#keep(kept, keeper) });
      this.model.attach(gathered(link, (then) => this.#page.setTimeout(then, frameMs)));
      this.kept = null;
      this.keeper = link.keeper ?? null;
      this.running = 'running';
      this.#page.localStorage.setItem(usedKey, 'yes');
      this.#tellDevnet();
    } catch (error) {
      this.running = error instanceof StartFault ? error.code : 'FAILED';
      this.startDetail = error instanceof Error ? error.message : String(error);
    }
  }

  #keep(kept: KeptFrom, keeper: Keeper): void {
    this.kept = kept;
    this.keeper = keeper;
  }

  /** Joins the offered practice network. The page reloads, because the node must start on its Bitcoin network. */
  joinOffered(): void {
    if (!this.offered) return;
    rememberDevnet(this.#page.localStorage, this.offered);
    this.#page.location.reload();
  }

  leaveDevnet(): void {
    forgetDevnet(this.#page.localStorage);
    this.#page.location.reload();
  }

  /** "block 843,210, about 14:30", by this node's network and the height its wallet reported. */
  when(height: number): string {
    const { node, wallet } = this.model;
    const network = node?.network ?? 'regtest';
    return blockTime({ height, nowHeight: wallet.height, nowMs: this.clock.nowMs, network });
  }

  /** Takes a devnet's or a wallet's link out of the address bar before the router sees it. */
  #readLink(): void {
    const { localStorage, location, history } = this.#page;
    const wallet = walletLinkFrom(location.hash);
    if (wallet !== null) {
      history.replaceState(null, '', hashOf({ screen: 'wallet' }));
      this.offeredWallet = wallet;
      return;
    }
    const link = devnetFrom(location.hash);
    if (link === null) return;
    const isDesk = link !== 'malformed' && link.desk !== null;
    history.replaceState(
      null,
      '',
      hashOf(isDesk ? { screen: 'settle', at: '' } : { screen: 'home' }),
    );
    this.linkDamaged = link === 'malformed';
    if (link === 'malformed') return;
    if (localStorage.getItem(usedKey) === null) {
      rememberDevnet(localStorage, link);
      this.devnet = link;
    } else if (JSON.stringify(link) !== JSON.stringify(this.devnet)) {
      this.offered = link;
    }
  }

  #tellDevnet(): void {
    const { localStorage } = this.#page;
    // A node elsewhere was set up by whoever runs it.
    if (!this.devnet || this.devnet.desk !== null || devnetApplied(localStorage)) return;
    this.model.send({ command: 'useRelays', relays: this.devnet.relays });
    for (const settler of this.devnet.settlers)
      this.model.send({ command: 'addSettler', ...settler });
    markDevnetApplied(localStorage);
  }
}

export const [useApp, provideApp] = createContext<AppState>();
