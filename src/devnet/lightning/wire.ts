/**
 * The network between LDK nodes of one process: bytes go through a queue instead of TCP. One a
 * devnet. LDK forbids to hand bytes in while it hands bytes out, so everything waits for `#run`.
 */
import * as ldk from 'lightningdevkit';

/** Rounds after which a network that still has something to say must be running in circles. */
const MOST_ROUNDS = 10_000;

/** A node, as far as the wire has to do with it. */
export interface Peer {
  readonly id: Uint8Array;
  /** The first bytes to a peer of this id. */
  dial(peer: Uint8Array, socket: ldk.SocketDescriptor): Uint8Array;
  answer(socket: ldk.SocketDescriptor): void;
  read(socket: ldk.SocketDescriptor, bytes: Uint8Array): void;
  /** Lets it work; true if anything happened. */
  process(delivered: boolean): boolean;
}

export class Wire {
  readonly #nodes: Peer[] = [];
  readonly #queue: (() => void)[] = [];
  #scheduled = false;
  #sockets = 0n;

  add(node: Peer): void {
    this.#nodes.push(node);
  }

  /** Connects two nodes for good; LDK encrypts as it would over TCP. */
  connect(dialler: Peer, dialled: Peer): void {
    const ends: { here: ldk.SocketDescriptor; there: ldk.SocketDescriptor } = {
      here: this.#socket((bytes) => dialled.read(ends.there, bytes)),
      there: this.#socket((bytes) => dialler.read(ends.here, bytes)),
    };
    const hello = dialler.dial(dialled.id, ends.here);
    dialled.answer(ends.there);
    this.#queue.push(() => dialled.read(ends.there, hello));
    this.kick();
  }

  /** Something has happened at a node: let all talk until nobody has anything left to say. */
  kick(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.settle();
    });
  }

  /** Delivers until all is quiet. */
  settle(): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const delivered = this.#queue.length > 0;
      for (let deliver = this.#queue.shift(); deliver; deliver = this.#queue.shift()) deliver();
      let busy = delivered;
      for (const node of this.#nodes) busy = node.process(delivered) || busy;
      if (!busy && this.#queue.length === 0) return;
    }
    throw new Error('the Lightning network does not come to rest');
  }

  #socket(deliver: (bytes: Uint8Array) => void): ldk.SocketDescriptor {
    const id = this.#sockets++;
    return ldk.SocketDescriptor.new_impl({
      send_data: (data) => {
        const bytes = Uint8Array.from(data);
        this.#queue.push(() => deliver(bytes));
        this.kick();
        return bytes.length;
      },
      disconnect_socket() {
        throw new Error('a Lightning node hung up');
      },
      eq: (other) => other.hash() === id,
      hash: () => id,
    });
  }
}
