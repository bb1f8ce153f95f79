/**
 * One Lightning node: LDK, compiled to WebAssembly, with its keys, channels and payments. All nodes
 * of a devnet share one WebAssembly instance, so a panic of one ends them all.
 *
 * LDK's callbacks only note what happened; `process` then acts on it, outside of LDK's locks.
 */
import { readFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import * as ldk from 'lightningdevkit';
import type { Chain, ChainListener } from './chain.ts';
import { buildParts } from './parts.ts';
import type { Peer, Wire } from './wire.ts';

const PAYMENT_ATTEMPTS = 3;

/** What a node tells its wallet. Hashes and preimages are hex. */
export interface NodeListener {
  /** Money is held for this hash; at height `deadline` LDK gives it back by itself. */
  claimable(paymentHash: string, deadline: number): void;
  claimed(paymentHash: string): void;
  sent(paymentHash: string, preimage: string, feeMsat: bigint): void;
  failed(paymentHash: string, reason: string): void;
}

export interface NodeOptions {
  readonly chain: Chain;
  readonly wire: Wire;
  readonly seed: Uint8Array;
  /** The hub forwards between the others, for nothing. */
  readonly hub: boolean;
}

/** Loads LDK; wanted before anything else of it. */
export async function loadLdk(): Promise<{ genesisHash: Uint8Array }> {
  const path = new URL('./liblightningjs.wasm', import.meta.resolve('lightningdevkit'));
  const { log } = console;
  console.log = () => undefined; // its loader prints a banner
  await ldk.initializeWasmFromBinary(readFileSync(path)).finally(() => (console.log = log));
  const genesis = ldk.BestBlock.constructor_from_network(ldk.Network.LDKNetwork_Regtest);
  return { genesisHash: genesis.get_block_hash() };
}

export class LdkNode implements ChainListener, Peer {
  readonly id: Uint8Array;
  readonly #chain: Chain;
  readonly #wire: Wire;
  readonly #manager: ldk.ChannelManager;
  readonly #monitor: ldk.ChainMonitor;
  readonly #peers: ldk.PeerManager;
  readonly #config: ldk.UserConfig;
  readonly #confirms: readonly ldk.Confirm[];
  readonly #providers: readonly ldk.EventsProvider[];
  readonly #handler: ldk.EventHandler;
  #events: ldk.Event[] = [];
  #dirty = true;
  #listener: NodeListener | null = null;

  constructor(options: NodeOptions) {
    const { chain, wire, seed } = options;
    this.#chain = chain;
    this.#wire = wire;
    const parts = buildParts(chain, seed, options.hub);
    this.#config = parts.config;
    this.#manager = parts.manager;
    this.#monitor = parts.monitor;
    this.#peers = parts.peers;
    this.id = this.#manager.get_our_node_id();
    this.#confirms = [this.#manager.as_Confirm(), this.#monitor.as_Confirm()];
    this.#providers = [this.#manager.as_EventsProvider(), this.#monitor.as_EventsProvider()];
    this.#handler = ldk.EventHandler.new_impl({
      handle_event: (event) => {
        this.#events.push(event);
        return ldk.Result_NoneReplayEventZ.constructor_ok();
      },
    });
    chain.listen(this);
    wire.add(this);
  }

  listen(listener: NodeListener): void {
    this.#listener = listener;
  }

  // ------------------------------------------------------------------------- channels and balance

  /** Opens a private channel to a connected peer and gives it `pushMsat` of it. */
  open(peer: LdkNode, sats: bigint, pushMsat: bigint): void {
    const opened = this.#manager.create_channel(peer.id, sats, pushMsat, 1n, null, this.#config);
    if (!opened.is_ok()) throw new Error('cannot open a channel');
    this.#touch();
  }

  hasUsableChannelWith(peer: LdkNode): boolean {
    const channels = this.#manager.list_usable_channels();
    const id = bytesToHex(peer.id);
    return channels.some((each) => bytesToHex(each.get_counterparty().get_node_id()) === id);
  }

  /** What it can spend: its side of the channels, without reserves and what is in flight. */
  balanceMsat(): bigint {
    const channels = this.#manager.list_channels();
    return channels.reduce((sum, channel) => sum + channel.get_outbound_capacity_msat(), 0n);
  }

  // ------------------------------------------------------------------------------------- payments

  /** An invoice on a hash whose preimage LDK need not know. LDK adds 3 to `minFinalCltv`. */
  invoice(wanted: {
    readonly paymentHash: string;
    readonly amountMsat: bigint;
    readonly minFinalCltv: number;
    readonly expirySeconds: number;
    readonly description: string;
  }): string {
    this.#chain.tellTime(this);
    const made = ldk.UtilMethods.constructor_create_invoice_from_channelmanager_with_payment_hash(
      this.#manager,
      ldk.Option_u64Z.constructor_some(wanted.amountMsat),
      wanted.description,
      wanted.expirySeconds,
      hexToBytes(wanted.paymentHash),
      ldk.Option_u16Z.constructor_some(wanted.minFinalCltv),
    );
    if (!(made instanceof ldk.Result_Bolt11InvoiceSignOrCreationErrorZ_OK))
      throw new Error('LDK makes no such invoice');
    return made.res.to_str();
  }

  /** Sends; `sent` or `failed` tells how it ended. No route takes more than `maxCltv` blocks. */
  pay(invoice: string, maxCltv: number, maxFeeMsat: bigint): void {
    const parsed = ldk.Bolt11Invoice.constructor_from_str(invoice);
    if (!(parsed instanceof ldk.Result_Bolt11InvoiceParseOrSemanticErrorZ_OK))
      throw new Error('LDK does not read this invoice');
    const found = ldk.UtilMethods.constructor_payment_parameters_from_invoice(parsed.res);
    if (
      !(
        found instanceof
        ldk.Result_C3Tuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZNoneZ_OK
      )
    )
      throw new Error('the invoice has no amount');
    const route = found.res.get_c();
    const parameters = route.get_payment_params();
    parameters.set_max_total_cltv_expiry_delta(maxCltv);
    route.set_payment_params(parameters);
    route.set_max_total_routing_fee_msat(ldk.Option_u64Z.constructor_some(maxFeeMsat));
    const paymentHash = parsed.res.payment_hash();
    const retry = ldk.Retry.constructor_attempts(PAYMENT_ATTEMPTS);
    const sent = this.#manager.send_payment(
      paymentHash,
      found.res.get_b(),
      paymentHash,
      route,
      retry,
    );
    if (sent instanceof ldk.Result_NoneRetryableSendFailureZ_Err)
      throw new Error(ldk.RetryableSendFailure[sent.err] ?? 'not sent');
    this.#touch();
  }

  claim(preimage: string): void {
    this.#manager.claim_funds(hexToBytes(preimage));
    this.#touch();
  }

  giveBack(paymentHash: string): void {
    this.#manager.fail_htlc_backwards(hexToBytes(paymentHash));
    this.#touch();
  }

  // --------------------------------------------------------------------------------- chain, clock

  transactionsConfirmed(header: Uint8Array, transactions: Uint8Array[], height: number): void {
    for (const confirm of this.#confirms) {
      const numbered = transactions.map((transaction, i) =>
        ldk.TwoTuple_usizeTransactionZ.constructor_new(i + 1, transaction),
      );
      confirm.transactions_confirmed(header, numbered, height);
    }
    this.#touch();
  }

  bestBlockUpdated(header: Uint8Array, height: number): void {
    for (const confirm of this.#confirms) confirm.best_block_updated(header, height);
    this.#touch();
  }

  /** LDK wants to be called once a minute. */
  tick(): void {
    this.#manager.timer_tick_occurred();
    this.#touch();
  }

  // ------------------------------------------------------------------------------------- the wire

  dial(peer: Uint8Array, socket: ldk.SocketDescriptor): Uint8Array {
    const nowhere = ldk.Option_SocketAddressZ.constructor_none();
    const dialled = this.#peers.new_outbound_connection(peer, socket, nowhere);
    if (!(dialled instanceof ldk.Result_CVec_u8ZPeerHandleErrorZ_OK)) throw new Error('no dial');
    return dialled.res;
  }

  answer(socket: ldk.SocketDescriptor): void {
    const nowhere = ldk.Option_SocketAddressZ.constructor_none();
    if (!this.#peers.new_inbound_connection(socket, nowhere).is_ok()) throw new Error('no answer');
  }

  read(socket: ldk.SocketDescriptor, bytes: Uint8Array): void {
    if (!this.#peers.read_event(socket, bytes).is_ok()) throw new Error('LDK refused bytes');
  }

  /** Lets LDK work, and acts on what it reports. True if anything happened. */
  process(delivered: boolean): boolean {
    if (!this.#dirty && !delivered) return false;
    this.#dirty = false;
    this.#peers.process_events();
    for (const provider of this.#providers) provider.process_pending_events(this.#handler);
    const events = this.#events;
    this.#events = [];
    for (const event of events) this.#on(event);
    if (events.length > 0) this.#dirty = true;
    return events.length > 0;
  }

  #on(event: ldk.Event): void {
    if (event instanceof ldk.Event_FundingGenerationReady) {
      const funding = this.#chain.fund(event.output_script, event.channel_value_satoshis);
      this.#manager.funding_transaction_generated(
        event.temporary_channel_id,
        event.counterparty_node_id,
        funding,
      );
    } else if (event instanceof ldk.Event_OpenChannelRequest) {
      this.#manager.accept_inbound_channel_from_trusted_peer_0conf(
        event.temporary_channel_id,
        event.counterparty_node_id,
        1n,
      );
    } else if (event instanceof ldk.Event_PendingHTLCsForwardable) {
      this.#manager.process_pending_htlc_forwards();
    } else if (event instanceof ldk.Event_PaymentClaimable) {
      const deadline = event.claim_deadline instanceof ldk.Option_u32Z_Some;
      if (!deadline) throw new Error('a payment without a deadline');
      const { some } = event.claim_deadline as ldk.Option_u32Z_Some;
      this.#listener?.claimable(bytesToHex(event.payment_hash), some);
    } else if (event instanceof ldk.Event_PaymentClaimed) {
      this.#listener?.claimed(bytesToHex(event.payment_hash));
    } else if (event instanceof ldk.Event_PaymentSent) {
      const fee =
        event.fee_paid_msat instanceof ldk.Option_u64Z_Some ? event.fee_paid_msat.some : 0n;
      const hash = bytesToHex(event.payment_hash);
      this.#listener?.sent(hash, bytesToHex(event.payment_preimage), fee);
    } else if (event instanceof ldk.Event_PaymentFailed) {
      if (!(event.payment_hash instanceof ldk.Option_ThirtyTwoBytesZ_Some)) return;
      const { reason } = event;
      const known = reason instanceof ldk.Option_PaymentFailureReasonZ_Some;
      const name = known ? ldk.PaymentFailureReason[reason.some] : undefined;
      const words = name?.replace('LDKPaymentFailureReason_', '') ?? 'unknown';
      this.#listener?.failed(bytesToHex(event.payment_hash.some), words);
    } else if (event instanceof ldk.Event_ChannelClosed) {
      throw new Error(`a channel closed: ${event.reason.constructor.name}`);
    }
  }

  #touch(): void {
    this.#dirty = true;
    this.#wire.kick();
  }
}
