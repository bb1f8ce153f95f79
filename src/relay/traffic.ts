/**
 * What a relay carries, counted where it leaves: a circuit is the stream on which it was asked for and the one that it opened to
 * the other node, and every byte goes out on one of the two. Nothing is looked at but lengths.
 */
import { circuitRelayServer, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2';
import type {
  CircuitRelayServerComponents,
  CircuitRelayServerInit,
  CircuitRelayService,
} from '@libp2p/circuit-relay-v2';
import type { Libp2p, Stream } from '@libp2p/interface';

export interface Traffic {
  /** Bytes that left on circuits, with the few that open each. */
  carriedBytes: number;
  /** Circuits that reached the other node. */
  opened: number;
}

/** The circuit relay service, with every stream it answers on counted. */
export function countedRelay(
  init: CircuitRelayServerInit,
  traffic: Traffic,
): (components: CircuitRelayServerComponents) => CircuitRelayService {
  return (components) => {
    const { registrar } = components;
    // All of the registrar but for one method.
    const counting = Object.create(registrar) as typeof registrar;
    counting.handle = (protocol, handler, options) =>
      registrar.handle(
        protocol,
        (stream, connection) => {
          count(stream, traffic);
          return handler(stream, connection);
        },
        options,
      );
    const { addressManager, peerId, privateKey, connectionGater, connectionManager } = components;
    const { peerStore, logger, metrics } = components;
    return circuitRelayServer(init)({
      registrar: counting,
      addressManager,
      peerId,
      privateKey,
      connectionGater,
      connectionManager,
      peerStore,
      logger,
      ...(metrics && { metrics }),
    });
  };
}

/** Counts the streams that a relay opens to the other nodes. */
export function countCircuits(node: Libp2p, traffic: Traffic): void {
  node.use(RELAY_V2_STOP_CODEC, [
    (stream, connection, next) => {
      traffic.opened++;
      count(stream, traffic);
      next(stream, connection);
    },
  ]);
}

function count(stream: Stream, traffic: Traffic): void {
  const send = stream.send.bind(stream);
  stream.send = (data) => {
    traffic.carriedBytes += data.byteLength;
    return send(data);
  };
}
