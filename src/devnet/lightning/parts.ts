/** What an LDK node is made of, put together. The order and the pieces are LDK's; see its docs. */
import * as ldk from 'lightningdevkit';
import type { Chain } from './chain.ts';

/** Blocks the hub keeps between what it is owed and what it owes; LDK's default. */
export const HUB_CLTV_DELTA = 72;
/**
 * Msat of payments too small for the chain that a channel may carry; LDK's default is a fraction.
 */
const DUST_EXPOSURE_MSAT = 50_000_000_000n;
const MOST_HTLCS = 483;
const FEE_SATS_PER_KW = 253;

export interface NodeParts {
  readonly config: ldk.UserConfig;
  readonly manager: ldk.ChannelManager;
  readonly monitor: ldk.ChainMonitor;
  readonly peers: ldk.PeerManager;
}

/** A node with the keys of `seed` (32 bytes); the hub forwards between the others, for nothing. */
export function buildParts(chain: Chain, seed: Uint8Array, hub: boolean): NodeParts {
  const network = ldk.Network.LDKNetwork_Regtest;
  const logger = ldk.Logger.new_impl({ log: () => undefined });
  const fees = ldk.FeeEstimator.new_impl({ get_est_sat_per_1000_weight: () => FEE_SATS_PER_KW });
  const broadcaster = ldk.BroadcasterInterface.new_impl({
    broadcast_transactions: (transactions) => {
      for (const transaction of transactions) chain.broadcast(transaction);
    },
  });
  const filter = ldk.Option_FilterZ.constructor_none();
  const persist = forgetfulPersist();
  const monitor = ldk.ChainMonitor.constructor_new(filter, broadcaster, logger, fees, persist);
  const keys = ldk.KeysManager.constructor_new(seed, BigInt(chain.timeSeconds), 0);
  const entropy = keys.as_EntropySource();
  const graph = ldk.NetworkGraph.constructor_new(network, logger);
  const config = configure(hub);
  const manager = ldk.ChannelManager.constructor_new(
    fees,
    monitor.as_Watch(),
    broadcaster,
    buildRouter(graph, logger, entropy),
    ldk.DefaultMessageRouter.constructor_new(graph, entropy).as_MessageRouter(),
    logger,
    entropy,
    keys.as_NodeSigner(),
    keys.as_SignerProvider(),
    config,
    ldk.ChainParameters.constructor_new(
      network,
      ldk.BestBlock.constructor_new(chain.tip, chain.height),
    ),
    chain.timeSeconds,
  );
  const nobody = ldk.IgnoringMessageHandler.constructor_new();
  const noLookup = ldk.Option_UtxoLookupZ.constructor_none();
  const gossip = ldk.P2PGossipSync.constructor_new(graph, noLookup, logger);
  const peers = ldk.PeerManager.constructor_new(
    manager.as_ChannelMessageHandler(),
    gossip.as_RoutingMessageHandler(),
    nobody.as_OnionMessageHandler(),
    nobody.as_CustomMessageHandler(),
    chain.timeSeconds,
    entropy.get_secure_random_bytes(),
    logger,
    keys.as_NodeSigner(),
  );
  return { config, manager, monitor, peers };
}

/** Nothing survives the devnet, so nothing is written. */
function forgetfulPersist(): ldk.Persist {
  const done = ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed;
  return ldk.Persist.new_impl({
    persist_new_channel: () => done,
    update_persisted_channel: () => done,
    archive_persisted_channel: () => undefined,
  });
}

function buildRouter(
  graph: ldk.NetworkGraph,
  logger: ldk.Logger,
  entropy: ldk.EntropySource,
): ldk.Router {
  const decay = ldk.ProbabilisticScoringDecayParameters.constructor_default();
  const scorer = ldk.ProbabilisticScorer.constructor_new(decay, graph, logger);
  const lock = ldk.MultiThreadedLockableScore.constructor_new(scorer.as_Score());
  const scoring = ldk.ProbabilisticScoringFeeParameters.constructor_default();
  const score = lock.as_LockableScore();
  const router = ldk.DefaultRouter.constructor_new(graph, logger, entropy, score, scoring);
  return router.as_Router();
}

function configure(hub: boolean): ldk.UserConfig {
  const config = ldk.UserConfig.constructor_default();
  const handshake = config.get_channel_handshake_config();
  handshake.set_minimum_depth(1);
  handshake.set_announce_for_forwarding(false);
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  handshake.set_our_max_accepted_htlcs(MOST_HTLCS);
  // The least that LDK allows is kept in reserve (1,000 sat), so what is pushed beyond it is
  // spendable.
  handshake.set_their_channel_reserve_proportional_millionths(0);
  config.set_channel_handshake_config(handshake);
  const limits = config.get_channel_handshake_limits();
  limits.set_force_announced_channel_preference(false);
  config.set_channel_handshake_limits(limits);
  const channel = config.get_channel_config();
  channel.set_forwarding_fee_base_msat(0);
  channel.set_forwarding_fee_proportional_millionths(0);
  channel.set_cltv_expiry_delta(HUB_CLTV_DELTA);
  channel.set_max_dust_htlc_exposure(
    ldk.MaxDustHTLCExposure.constructor_fixed_limit_msat(DUST_EXPOSURE_MSAT),
  );
  config.set_channel_config(channel);
  config.set_accept_forwards_to_priv_channels(hub);
  // Wallets trust the hub's channels before they are mined, so opening one mines no block.
  config.set_manually_accept_inbound_channels(!hub);
  return config;
}
