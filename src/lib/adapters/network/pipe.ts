/**
 * One libp2p stream as a pipe of words: whole, in order, with a bounded queue of what the peer has
 * not taken yet.
 */
import type { Connection, Stream } from '@libp2p/interface';
import { isCircuit } from './addresses.ts';
import { reasonOf } from './keys.ts';
import { createDecoder, encode, Kind } from './wire.ts';
import type { Word } from './wire.ts';

/**
 * Bytes that may wait for a slow peer, as much as 64 of the largest frames; then the connection is
 * given up.
 */
export const MAX_WAITING_BYTES = 4_194_304;
/** Bytes that a neighbour's circuit carries: enough for two nodes to find a direct path, and for nothing else. */
export const INTRODUCTION_BYTES = 65_536;
/** ms for the last bytes to leave when a pipe is closed with a word. */
const CLOSE_MS = 2_000;

export interface PipeListener {
  onWord(word: Word): void;
  /** Once, however it ended; not for what this side closed. */
  onEnd(reason: string): void;
}

export interface Pipe {
  /** Not through a relay. */
  readonly direct: boolean;
  /** Lent by a neighbour, or a circuit that is nearly used up: no link can live on it. */
  readonly brief: boolean;
  /** What it runs on; two pipes may share one. */
  readonly connection: object;
  /** Words that came before are told now. */
  listen(listener: PipeListener): void;
  send(kind: Kind, body?: Uint8Array): void;
  /** Says bye, lets it leave and closes the connection beneath as well. */
  close(reason: string): void;
  /** Closes at once, stream and connection, with whatever has not left. */
  cut(reason: string): void;
  /** Closes this stream alone, after what has been sent; nothing more is read. */
  end(): Promise<void>;
}

/** `connection` is the one `stream` runs on. */
export function createPipe(stream: Stream, connection: Connection): Pipe {
  return new StreamPipe(stream, connection);
}

/**
 * Nothing more will come. libp2p tells `end` too early when the peer spoke and left while the stream
 * was being agreed on, and before `close` when the stream was aborted, without saying why.
 */
export function isRead({ status, readableEnded, readBufferLength }: Stream): boolean {
  if (status === 'aborted' || status === 'reset') return false;
  return (status === 'closed' || readableEnded) && readBufferLength === 0;
}

/** Not over a circuit, whoever carries it. */
export function isDirect({ remoteAddr }: Connection): boolean {
  return !isCircuit(String(remoteAddr));
}

/** A circuit for introductions only. */
export function isBrief({ limits }: Connection): boolean {
  return limits?.bytes !== undefined && limits.bytes <= INTRODUCTION_BYTES;
}

class StreamPipe implements Pipe {
  readonly direct: boolean;
  readonly brief: boolean;
  readonly stream: Stream;
  readonly connection: Connection;
  listener: PipeListener | null = null;
  over = false;

  constructor(stream: Stream, connection: Connection) {
    this.stream = stream;
    this.connection = connection;
    this.direct = isDirect(connection);
    this.brief = isBrief(connection);
    stream.maxWriteBufferLength = MAX_WAITING_BYTES;
  }

  listen(listener: PipeListener): void {
    this.listener = listener;
    const { stream } = this;
    const words = createDecoder();
    stream.addEventListener('close', ({ error }) => this.ended(error));
    const finish = () => {
      if (isRead(stream)) this.ended();
    };
    stream.addEventListener('end', finish);
    const broken = stream.status === 'aborted' || stream.status === 'reset';
    queueMicrotask(broken ? () => this.ended() : finish);
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const word of words(data)) {
          if (this.over) return;
          listener.onWord(word);
        }
        finish();
      } catch (error) {
        this.fail(reasonOf(error));
      }
    });
  }

  send(kind: Kind, body?: Uint8Array): void {
    if (this.over) return;
    try {
      this.stream.send(encode(kind, body));
    } catch (error) {
      this.fail(reasonOf(error));
    }
  }

  close(reason: string): void {
    if (this.over) return;
    this.send(Kind.bye, new TextEncoder().encode(reason.slice(0, 300)));
    this.over = true;
    // From here on the connection takes no new streams, so that nobody dials over it again.
    this.connection
      .close({ signal: AbortSignal.timeout(CLOSE_MS) })
      .catch((error: unknown) =>
        this.connection.abort(error instanceof Error ? error : new Error(String(error))),
      );
  }

  cut(reason: string): void {
    this.over = true;
    const error = new Error(reason);
    this.stream.abort(error);
    this.connection.abort(error);
  }

  async end(): Promise<void> {
    this.over = true;
    try {
      await this.stream.close({ signal: AbortSignal.timeout(CLOSE_MS) });
    } catch (error) {
      this.stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Broken on our side: tells the owner, then cuts. */
  fail(reason: string): void {
    if (this.over) return;
    this.cut(reason);
    this.listener?.onEnd(reason);
  }

  ended(error?: Error): void {
    if (this.over) return;
    this.over = true;
    const slow = error?.name === 'StreamBufferError';
    if (slow) this.cut('too slow');
    this.listener?.onEnd(
      slow
        ? `the peer takes too little: more than ${MAX_WAITING_BYTES} bytes waited for it`
        : 'the connection was closed',
    );
  }
}
