/**
 * The whole devnet Lightning in one process: a chain, a hub, a wallet per channel to it, and their
 * Nostr Wallet Connect. Wallets are opened ahead of time, empty, and filled by the hub when
 * somebody wants one, so minting is quick and a balance is right to the millisatoshi.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { isFault, readInvoice } from '../../lib/protocol/index.ts';
import { Chain } from './chain.ts';
import type { Balances, Call, Calls } from './ipc.ts';
import { LdkNode, loadLdk } from './node.ts';
import { NwcService } from './nwc-service.ts';
import { HUB_CLTV_DELTA } from './parts.ts';
import { ordinary } from './personality.ts';
import { Wallet } from './wallet.ts';
import { Wire } from './wire.ts';

const FIRST_BLOCKS = 100;
/** Sats of a channel: below 2^24, the most without a special feature. */
const CHANNEL_SATS = 16_000_000n;
/**
 * What LDK has the wallet keep in the channel; pushed when it opens, so that it starts at nothing.
 */
const RESERVE_MSAT = 1_000_000n;
/** Most sats a wallet can be minted with, so that it can also be paid as much again. */
const MOST_SATS = 7_000_000;
/**
 * Blocks mined between two rests: fewer than the 21 that LDK leaves between giving a payment back
 * and its expiry, so no channel is ever closed for a payment that was about to come back.
 */
const BLOCKS_AT_ONCE = 6;
const TICK_MS = 60_000;

export class LightningNetwork {
  readonly #chain: Chain;
  readonly #wire = new Wire();
  readonly #hub: LdkNode;
  readonly #service: NwcService;
  readonly #spares: Wallet[] = [];
  readonly #wantedSpares: number;
  /** Wallets somebody has, by the public key in their address. */
  readonly #minted = new Map<string, Wallet>();
  readonly #nodes: LdkNode[] = [];
  #mintedMsat = 0n;

  static async start(options: Calls['start']['params']): Promise<LightningNetwork> {
    const { genesisHash } = await loadLdk();
    return new LightningNetwork(genesisHash, options);
  }

  private constructor(genesisHash: Uint8Array, options: Calls['start']['params']) {
    this.#chain = new Chain(genesisHash);
    this.#chain.mine(FIRST_BLOCKS);
    this.#hub = this.#node('hub');
    this.#service = new NwcService(options.nostrUrl, options.advertisedUrl);
    this.#wantedSpares = options.wallets;
    while (this.#spares.length < this.#wantedSpares) this.#spares.push(this.#openWallet());
    setInterval(() => {
      for (const node of this.#nodes) node.tick();
    }, TICK_MS).unref();
  }

  async perform(call: Call): Promise<Calls[keyof Calls]['result']> {
    switch (call.do) {
      case 'mint':
        return this.#mint(call.params);
      case 'mine':
        return this.#mine(call.params.blocks);
      case 'balances':
        return this.#balances();
      case 'setPersonality':
        return this.#setPersonality(call.params);
      case 'start':
        throw new Error('it is running already');
    }
  }

  async #mint({ sats, personality }: Calls['mint']['params']): Promise<string> {
    if (!Number.isInteger(sats) || sats < 0 || sats > MOST_SATS)
      throw new Error(`sats must be 0 to ${MOST_SATS}`);
    const wallet = this.#spares.shift() ?? this.#openWallet();
    wallet.personality = { ...ordinary, ...personality };
    if (sats > 0) this.#fill(wallet, sats);
    this.#mintedMsat += BigInt(sats) * 1_000n;
    const uri = await this.#service.serve(wallet);
    this.#minted.set(keyOf(uri), wallet);
    setImmediate(() => {
      if (this.#spares.length < this.#wantedSpares) this.#spares.push(this.#openWallet());
    });
    return uri;
  }

  /** The hub pays the wallet, over Lightning. */
  #fill(wallet: Wallet, sats: number): void {
    const { invoice } = wallet.makeInvoice({ amount: sats * 1_000 });
    const fields = readInvoice(invoice);
    if (isFault(fields)) throw new Error(fields.detail);
    this.#hub.pay(invoice, fields.minFinalCltv + HUB_CLTV_DELTA, 0n);
    this.#wire.settle();
    if (wallet.node.balanceMsat() !== fields.amountMsat) throw new Error('the hub could not pay');
  }

  #mine(blocks: number): number {
    for (let left = blocks; left > 0; left -= BLOCKS_AT_ONCE) {
      this.#chain.mine(Math.min(left, BLOCKS_AT_ONCE));
      this.#wire.settle();
      for (const wallet of this.#minted.values()) wallet.heightChanged();
    }
    return this.#chain.height;
  }

  #balances(): Balances {
    return {
      height: this.#chain.height,
      mintedMsat: this.#mintedMsat,
      wallets: [...this.#minted].map(([key, wallet]) => ({
        key,
        alias: wallet.alias,
        balanceMsat: wallet.node.balanceMsat(),
        outgoingMsat: wallet.outgoingMsat(),
        incomingMsat: wallet.incomingMsat(),
      })),
    };
  }

  async #setPersonality({
    wallet: name,
    personality,
  }: Calls['setPersonality']['params']): Promise<undefined> {
    const wallet = this.#minted.get(name) ?? this.#minted.get(keyOf(name));
    if (!wallet) throw new Error('no such wallet');
    wallet.personality = { ...wallet.personality, ...personality };
    await this.#service.announce(wallet);
    return undefined;
  }

  /**
   * A wallet with an empty, usable channel to the hub. Takes no block: the wallet trusts the hub.
   */
  #openWallet(): Wallet {
    const node = this.#node(`wallet ${this.#nodes.length}`);
    const wallet = new Wallet(`Devnet wallet ${this.#nodes.length - 1}`, node, this.#chain);
    this.#wire.connect(node, this.#hub);
    this.#wire.settle();
    this.#hub.open(node, CHANNEL_SATS, RESERVE_MSAT);
    this.#wire.settle();
    if (!node.hasUsableChannelWith(this.#hub)) throw new Error('a channel did not open');
    return wallet;
  }

  #node(name: string): LdkNode {
    const seed = sha256(utf8ToBytes(`gig-gossip/devnet/${name}`));
    const hub = this.#nodes.length === 0;
    const node = new LdkNode({ chain: this.#chain, wire: this.#wire, seed, hub });
    this.#nodes.push(node);
    return node;
  }
}

/** Public key of the wallet in an address. */
function keyOf(uri: string): string {
  return /^nostr\+walletconnect:\/\/([0-9a-f]{64})/.exec(uri)?.[1] ?? '';
}
