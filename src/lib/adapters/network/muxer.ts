/**
 * Many streams on one connection: yamux, which can be aborted whatever its streams' owners do.
 *
 * yamux 8.0.3 aborts its streams first and says goodbye last. A link that is told of its stream's end
 * closes the connection beneath, so that the goodbye found it closed already and `abort` threw
 * "Cannot write to a stream that is closed": a page that came back online stopped there, half way
 * through giving up its old connections, and called nobody again.
 */
import { yamux } from '@libp2p/yamux';
import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';

/** For `createLibp2p`. */
export function streamMuxer(): () => StreamMuxerFactory {
  return () => {
    const factory = yamux()();
    const create = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => withSafeAbort(create(connection));
    return factory;
  };
}

function withSafeAbort<Muxer extends StreamMuxer>(muxer: Muxer): Muxer {
  const abort = muxer.abort.bind(muxer);
  muxer.abort = (error) => {
    try {
      abort(error);
    } catch (failure) {
      // Nobody is left to hear the goodbye; the streams are aborted by now.
      if (!(failure instanceof Error) || failure.name !== 'StreamStateError') throw failure;
    }
  };
  return muxer;
}
