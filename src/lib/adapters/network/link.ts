/**
 * The link with one peer: which stream carries it, when it is told of, when it is given up. Knows
 * nothing of libp2p: `Reach` makes pipes, here it is decided which of them counts.
 *
 *   opening --our pipe stands: hello--> greeting --welcome--> agreed --ready, or moved--> told
 *      `---------------- the peer's hello: welcome -------------^
 *
 * Both greet at once: the lower key's greeting stands, and its owner holds the other's in case its
 * own fails. An agreed link over a relay stays untold while its opener tries for a direct path,
 * then moves there or is told as it is; over a neighbour's circuit it moves or ends. Later tries move a link in use: no frame is lost or
 * overtaken, because each side reads the old stream to its last word first.
 */
import type { NetworkEvent, PeerKey } from '../../protocol/index.ts';
import { reasonOf } from './keys.ts';
import type { Pipe } from './pipe.ts';
import { decodeAttempt, encodeAttempt, Kind, MAX_FRAME_BYTES } from './wire.ts';
import type { Attempt, Word } from './wire.ts';

/** How pipes are made. Both throw an `Error` that a person can read. */
export interface Reach {
  /** The quickest path to a peer: a direct address, or a circuit through a relay. */
  open(peer: PeerKey, addresses: readonly string[], signal: AbortSignal): Promise<Pipe>;
  /** A direct path to a peer that is reached through a relay now. */
  punch(peer: PeerKey, signal: AbortSignal): Promise<Pipe>;
}

/** ms from one `tick` to the next. Waits count ticks, so that a page asleep accuses nobody. */
export const TICK_MS = 5_000;
/** A peer that says nothing for this many ticks, 10 to 15 s, is gone; it beats every tick. */
const SILENT_TICKS = 3;
/** Ticks for a greeting to be answered, and for an agreed link to be told. */
export const GREETING_TICKS = 4;
const UNTOLD_TICKS = 8;
/** ms that a relayed link waits for a direct path before it is told; a punch takes 200 to 500. */
const PATIENCE_MS = 3_000;
/** Ticks from one try for a direct path to the next, doubling: 1 minute to 16. */
const PUNCH_TICKS = 12;
const PUNCH_DOUBLINGS = 4;
/** What a peer is told that is no longer wanted; any other end is an accident. */
const HUNG_UP = 'hung up';
/** Bytes that may come on a new stream before the old one's last word: a sender's whole queue. */
const MAX_AHEAD_BYTES = 4_194_304;

export interface LinkOptions {
  readonly peer: PeerKey;
  /** Our own key is below the peer's: our greeting stands if both greet. */
  readonly first: boolean;
  readonly reach: Reach;
  /** A new count of ours, for a greeting; the present one, for a welcome. */
  readonly countUp: () => Attempt;
  readonly counted: () => Attempt;
  readonly tell: (event: NetworkEvent) => void;
  /** It is about to be told. */
  readonly back: () => void;
  /** It is over; forget it. Wished: one of the two hung up. */
  readonly gone: (wished: boolean) => void;
}

export class Link {
  /** The core dialled: it is owed `connected` or `dialFailed`. */
  asked = false;
  told = false;
  /** We called the peer, asked or not. */
  called = false;
  stage: 'opening' | 'greeting' | 'agreed' | 'over' = 'opening';
  /** What is sent goes here. */
  pipe: Pipe | null = null;
  /** The peer's last greeting, or its count when it welcomed ours: older ones are void. */
  seen: Attempt | null = null;

  readonly #is: LinkOptions;
  readonly #stop = new AbortController();
  /** We opened the stream that counts. */
  #dialled = false;
  /** The greeting that was agreed on: names the link when it moves. */
  #name: Attempt | null = null;
  /** The peer's greeting, held while ours may still stand. */
  #held: { readonly pipe: Pipe; readonly attempt: Attempt } | null = null;
  /** A direct pipe that the peer has not agreed to yet. */
  #next: Pipe | null = null;
  /** The former pipe, read to its last word; what comes on the new one meanwhile waits. */
  #old: Pipe | null = null;
  #lastCame = false;
  #ahead: Uint8Array[] = [];
  #aheadBytes = 0;
  /**
   * Ticks in this stage, since the peer said something, and until the next try for a direct path.
   */
  #ticks = 0;
  #silent = 0;
  #untilPunch = PUNCH_TICKS;
  #punches = 0;
  /** Something was sent since the last tick. */
  #spoke = false;

  constructor(options: LinkOptions) {
    this.#is = options;
  }

  async open(addresses: readonly string[]): Promise<void> {
    const { peer, reach } = this.#is;
    this.called = true;
    try {
      const pipe = await reach.open(peer, addresses, this.#stop.signal);
      if (this.stage !== 'opening') return await pipe.end();
      this.stage = 'greeting';
      this.#ticks = 0;
      this.pipe = pipe;
      this.#name = this.#is.countUp();
      this.#attach(pipe);
      pipe.send(Kind.hello, encodeAttempt(this.#name));
    } catch (error) {
      if (this.stage === 'opening') this.#over(reasonOf(error));
    }
  }

  /** The peer greets on a pipe of its own, and no link was agreed yet. */
  greeted(pipe: Pipe, attempt: Attempt): void {
    if (this.stage === 'greeting' && this.#is.first) {
      void this.#held?.pipe.end();
      this.#held = { pipe, attempt };
      return;
    }
    this.#stop.abort();
    void this.pipe?.end();
    this.#agree(pipe, attempt, attempt);
    pipe.send(Kind.welcome, encodeAttempt(this.#is.counted()));
  }

  /** The opener wants the link on this pipe; true if so. */
  moveTo(pipe: Pipe, name: Attempt): boolean {
    const ours = this.#name?.run === name.run && this.#name.count === name.count;
    if (this.stage !== 'agreed' || this.#dialled || this.#old !== null || !ours) return false;
    pipe.send(Kind.moved);
    this.#move(pipe);
    return true;
  }

  hear(pipe: Pipe, { kind, body }: Word): void {
    this.#silent = 0;
    if (pipe === this.#next && kind === Kind.moved) {
      this.#next = null;
      this.#move(pipe);
      if (this.#lastCame) this.#moved();
      return;
    }
    if (pipe !== this.pipe && pipe !== this.#old) return;
    switch (kind) {
      case Kind.frame:
        return this.#hearFrame(pipe, body);
      case Kind.beat:
        return;
      case Kind.welcome:
        return this.#welcomed(pipe, decodeAttempt(body));
      case Kind.ready:
        if (!this.told && !this.#dialled) this.#tellOrLeave();
        return;
      case Kind.last:
        if (pipe === this.#old) return this.#moved();
        // On the old path it may overtake the answer on the new one.
        if (this.#next === null) return this.#over('the peer left a stream that carries the link');
        this.#lastCame = true;
        return;
      case Kind.bye: {
        const said = new TextDecoder().decode(body);
        return this.#over(`the peer said: ${said}`, said === HUNG_UP);
      }
      default:
        return this.#over('the peer greeted twice');
    }
  }

  /** A pipe of this link came to its end. */
  ended(pipe: Pipe, reason: string): void {
    if (pipe === this.#held?.pipe) this.#held = null;
    else if (pipe === this.#next && this.#lastCame) this.#over(reason);
    else if (pipe === this.#next) this.#punchFailed();
    else if (pipe === this.#old) this.#over(reason);
    else if (pipe === this.pipe) {
      const held = this.#held;
      this.#held = null;
      if (this.stage !== 'greeting' || held === null) return this.#over(reason);
      this.stage = 'opening';
      this.pipe = null;
      this.greeted(held.pipe, held.attempt);
    }
  }

  transmit(bytes: Uint8Array): void {
    if (!this.told) return;
    if (bytes.length > MAX_FRAME_BYTES) {
      return this.close(`a frame of ${bytes.length} bytes is larger than ${MAX_FRAME_BYTES}`);
    }
    this.#spoke = true;
    this.pipe?.send(Kind.frame, bytes);
  }

  hangUp(): void {
    this.close(HUNG_UP, true);
  }

  /** Ends it with a word to the peer. */
  close(reason: string, wished = false): void {
    const { pipe } = this;
    this.pipe = null;
    pipe?.close(reason);
    this.#over(reason, wished);
  }

  /** A call of ours that nobody asked for makes room for one that somebody did. */
  giveWay(): boolean {
    if (this.stage !== 'opening' || this.asked) return false;
    this.#over('called anew', true);
    return true;
  }

  /** The peer greets anew on this pipe: whatever we believe, it has no link with us any more. */
  replacedBy(pipe: Pipe): void {
    const sameConnection = this.pipe?.connection === pipe.connection;
    if (sameConnection) {
      void this.pipe?.end();
      this.pipe = null;
    }
    this.#over('the peer connected anew');
  }

  tick(): void {
    this.#ticks++;
    if (this.stage === 'opening') return;
    if (this.stage === 'greeting') {
      if (this.#ticks > GREETING_TICKS) this.#over('the peer does not answer our greeting');
      return;
    }
    if (++this.#silent >= SILENT_TICKS) {
      return this.#over(`nothing heard for ${(SILENT_TICKS * TICK_MS) / 1000} s`);
    }
    if (!this.told && this.#ticks > UNTOLD_TICKS) return this.close('the peer never got ready');
    if (!this.#spoke || this.#old !== null) this.pipe?.send(Kind.beat);
    this.#spoke = false;
    const relayed = this.told && this.#dialled && this.pipe?.direct === false;
    if (relayed && this.#next === null && --this.#untilPunch <= 0) void this.#punch();
  }

  #attach(pipe: Pipe): void {
    pipe.listen({
      onWord: (word) => this.hear(pipe, word),
      onEnd: (reason) => this.ended(pipe, reason),
    });
  }

  /** The peer welcomed our greeting. */
  #welcomed(pipe: Pipe, seen: Attempt): void {
    if (this.stage !== 'greeting' || pipe !== this.pipe || this.#name === null) {
      return this.#over('the peer welcomed nobody');
    }
    void this.#held?.pipe.end();
    this.#held = null;
    this.#dialled = true;
    this.#agree(pipe, this.#name, seen);
    if (pipe.direct) return this.#ready();
    if (!pipe.brief) setTimeout(() => this.#ready(), PATIENCE_MS);
    void this.#punch();
  }

  #agree(pipe: Pipe, name: Attempt, seen: Attempt): void {
    this.stage = 'agreed';
    this.#ticks = 0;
    this.pipe = pipe;
    this.#name = name;
    this.seen = seen;
  }

  /** Opener only: no better path for now, so both may tell. */
  #ready(): void {
    if (this.stage !== 'agreed' || this.told || this.#next !== null || this.#old !== null) return;
    if (this.pipe?.brief === false) this.pipe.send(Kind.ready);
    this.#tellOrLeave();
  }

  /** A neighbour that introduced us carries no traffic: without a direct path there is no link. */
  #tellOrLeave(): void {
    if (this.pipe?.brief === true) this.close('no direct path was found');
    else this.#announce();
  }

  #announce(): void {
    const { peer, tell } = this.#is;
    this.told = true;
    this.#is.back();
    const direct = this.pipe?.direct ?? false;
    tell({ on: 'connected', peer, direct, dialled: this.#dialled });
  }

  #hearFrame(pipe: Pipe, bytes: Uint8Array): void {
    const { peer, tell } = this.#is;
    if (this.#old !== null && pipe === this.pipe) {
      this.#ahead.push(bytes);
      this.#aheadBytes += bytes.length;
      if (this.#aheadBytes > MAX_AHEAD_BYTES) this.#over('too much came ahead of its turn');
    } else if (this.told) tell({ on: 'received', peer, bytes });
    else this.#over('the peer spoke before it was ready');
  }

  async #punch(): Promise<void> {
    const { peer, reach } = this.#is;
    this.#untilPunch = PUNCH_TICKS * 2 ** Math.min(this.#punches++, PUNCH_DOUBLINGS);
    const { pipe: from } = this;
    try {
      const pipe = await reach.punch(peer, this.#stop.signal);
      if (this.stage !== 'agreed' || this.pipe !== from || this.#name === null) {
        return await pipe.end();
      }
      this.#next = pipe;
      this.#attach(pipe);
      pipe.send(Kind.move, encodeAttempt(this.#name));
    } catch {
      this.#punchFailed();
    }
  }

  #punchFailed(): void {
    this.#next = null;
    this.#ready();
  }

  /** From here on we send on the new pipe; the peer does the same. */
  #move(pipe: Pipe): void {
    this.pipe?.send(Kind.last);
    this.#old = this.pipe;
    this.pipe = pipe;
  }

  /** The peer's last word on the old pipe was read: on with the new. */
  #moved(): void {
    const { peer, tell } = this.#is;
    const [old, ahead] = [this.#old, this.#ahead];
    this.#old = null;
    this.#lastCame = false;
    void old?.end();
    this.#ahead = [];
    this.#aheadBytes = 0;
    if (this.told) tell({ on: 'pathChanged', peer, direct: this.pipe?.direct ?? false });
    else this.#announce();
    for (const bytes of ahead) tell({ on: 'received', peer, bytes });
  }

  #over(reason: string, wished = false): void {
    if (this.stage === 'over') return;
    this.stage = 'over';
    this.#stop.abort();
    this.pipe?.cut(reason);
    for (const pipe of [this.#held?.pipe, this.#next, this.#old]) void pipe?.end();
    const { peer, tell, gone } = this.#is;
    gone(wished);
    if (this.told) {
      const event = { on: 'disconnected', peer, reason } as const;
      tell(event);
    } else if (this.asked) tell({ on: 'dialFailed', peer, reason });
  }
}
