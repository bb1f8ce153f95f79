/**
 * A network of many nodes in one memory, under a virtual clock: the same `NetworkPort` as libp2p's,
 * so a node's runtime cannot tell. One world, one port a node.
 *
 *   Dialler                              Dialled
 *      | hello ---------------------------->|   accepted, unless it dials us too and
 *      |<------------------------- welcome  |   its key is lower; `connected` once each
 *      |<--------- frames, in order ------->|
 *      | bye ------------------------------>|   `disconnected` once each
 *
 * Each ordered pair of nodes has one wire, and what is put on it arrives in the order it was put
 * there. A frame is never lost alone, as on a real stream: what is lost takes the connection with
 * it. Chance comes from the clock's seeds and events from its callbacks, so a world with the same
 * clock does the same again.
 */
import type { Introduction, NetworkEffect, NetworkEvent, PeerKey } from '../lib/protocol/index.ts';
import type { Clock, NetworkPort } from '../lib/runtime/ports.ts';
import { queue, sample } from './queue.ts';

/** Bytes of one frame; a larger one cuts the connection, as in the libp2p adapter. */
const MAX_FRAME_BYTES = 65_536;
/** Peers a relay introduces at once; a relay of ours answers with as many. */
const MAX_INTRODUCED = 16;
/** ms until a silent death is noticed; the libp2p adapter takes 10 to 15 s. */
const NOTICE_MS = 10_000;

export interface SimulatedNetworkOptions {
  readonly clock: Clock;
  /** One way, in ms, of any two nodes or of these two; asked once for everything sent. */
  readonly latencyMs: number | ((from: PeerKey, to: PeerKey) => number);
  /** ms until the survivors of a death or partition are told `disconnected`; 10 s unless given. */
  readonly noticeMs?: number;
}

export interface SimulatedNetwork {
  /**
   * A node's port. Asked again for the same key it is a restarted node: the former port is dead
   * from then on.
   */
  node(peer: PeerKey): NetworkPort;
  /** Where a node is dialled. */
  addressOf(peer: PeerKey): string;
  /** A node's phone dies without a word; its peers notice after `noticeMs`. */
  kill(peer: PeerKey): void;
  /** The connection of two nodes breaks; both are told within a latency. They may dial again. */
  cut(a: PeerKey, b: PeerKey): void;
  /** From now on nothing passes between these groups (each within itself goes on), until `heal`. */
  partition(...groups: readonly (readonly PeerKey[])[]): void;
  heal(): void;
  /** Nothing reaches a node, and nobody is told so at once. Back, it calls whom it had, as a phone's. */
  setAway(peer: PeerKey, away: boolean): void;
  /** Relays are up unless told otherwise; one that is down introduces nobody. */
  setRelay(address: string, up: boolean): void;
}

type Message =
  | { readonly say: 'hello'; readonly link: number }
  | { readonly say: 'welcome'; readonly link: number }
  | { readonly say: 'refused'; readonly link: number; readonly reason: string }
  | { readonly say: 'frame'; readonly link: number; readonly bytes: Uint8Array }
  | { readonly say: 'bye'; readonly link: number; readonly reason: string };

/**
 * One node's end of a connection; `link` names the attempt, so that words about a former one are
 * ignored.
 */
interface End {
  readonly link: number;
  readonly state: 'dialling' | 'up';
}

interface Node {
  readonly key: PeerKey;
  alive: boolean;
  readonly ends: Map<PeerKey, End>;
  relays: readonly string[];
  /** Relays this node has said `connected: true` of. */
  readonly reserved: Set<string>;
  listener: ((event: NetworkEvent) => void) | null;
  /** What happened before somebody listened. */
  readonly unheard: NetworkEvent[];
  readonly later: (callback: () => void) => void;
}

export function createSimulatedNetwork(options: SimulatedNetworkOptions): SimulatedNetwork {
  const world = new World(options);
  return {
    node: (peer) => world.node(peer),
    addressOf,
    kill: (peer) => world.kill(peer),
    cut: (a, b) => world.cut(a, b),
    partition: (...groups) => world.partition(groups),
    heal: () => world.groups.clear(),
    setAway: (peer, away) => world.setAway(peer, away),
    setRelay: (address, up) => world.setRelay(address, up),
  };
}

function addressOf(peer: PeerKey): string {
  return `/sim/${peer}`;
}

class World {
  readonly clock: Clock;
  readonly latencyMs: (from: PeerKey, to: PeerKey) => number;
  readonly noticeMs: number;
  readonly nodes = new Map<PeerKey, Node>();
  readonly wires = new Map<string, (callback: () => void, afterMs: number) => void>();
  readonly relaysDown = new Set<string>();
  /** The group each node is in while the world is partitioned; nodes in none reach everybody. */
  readonly groups = new Map<PeerKey, number>();
  /** Nodes that nothing reaches, and whom each was connected with. */
  readonly away = new Map<PeerKey, readonly PeerKey[]>();
  /** Links that lost something: nothing passes any more, their ends are about to be told. */
  readonly doomed = new Set<number>();
  links = 0;

  constructor({ clock, latencyMs, noticeMs = NOTICE_MS }: SimulatedNetworkOptions) {
    this.clock = clock;
    this.latencyMs = typeof latencyMs === 'number' ? () => latencyMs : latencyMs;
    this.noticeMs = noticeMs;
  }

  node(key: PeerKey): NetworkPort {
    if (this.nodes.get(key)?.alive === true) this.kill(key);
    const node: Node = {
      key,
      alive: true,
      ends: new Map(),
      relays: [],
      reserved: new Set(),
      listener: null,
      unheard: [],
      later: queue(this.clock),
    };
    this.nodes.set(key, node);
    this.tell(node, { on: 'addresses', addresses: [addressOf(key)] });
    return {
      perform: (effect) => {
        if (node.alive) this.perform(node, effect);
      },
      listen: (listener) => {
        node.listener = listener;
        const unheard = node.unheard.splice(0);
        if (unheard.length > 0) node.later(() => unheard.forEach((event) => listener(event)));
      },
    };
  }

  perform(node: Node, effect: NetworkEffect): void {
    switch (effect.do) {
      case 'dial':
        return this.dial(node, effect.peer, effect.addresses);
      case 'transmit':
        return this.transmit(node, effect.peer, effect.bytes);
      case 'hangUp':
        return this.hangUp(node, effect.peer);
      case 'useRelays':
        return this.useRelays(node, effect.relays);
    }
  }

  tell(node: Node, event: NetworkEvent): void {
    node.later(() => {
      if (!node.alive) return;
      if (node.listener === null) node.unheard.push(event);
      else node.listener(event);
    });
  }

  /** Puts a message on the wire; one that cannot arrive dooms its link, or refuses the dial. */
  send(from: Node, to: PeerKey, message: Message): void {
    if (this.doomed.has(message.link)) return;
    const name = `${from.key}>${to}`;
    let wire = this.wires.get(name);
    if (wire === undefined) this.wires.set(name, (wire = queue(this.clock)));
    wire(
      () => {
        if (this.doomed.has(message.link)) return;
        const receiver = this.nodes.get(to);
        if (receiver?.alive === true && this.reaches(from.key, to)) {
          return this.hear(receiver, from.key, message);
        }
        if (message.say === 'hello')
          this.refuse(from, to, message.link, 'the peer does not answer');
        else this.doom(message.link, from.key, to);
      },
      this.latencyMs(from.key, to),
    );
  }

  reaches(a: PeerKey, b: PeerKey): boolean {
    if (this.away.has(a) || this.away.has(b)) return false;
    const [groupOfA, groupOfB] = [this.groups.get(a), this.groups.get(b)];
    return groupOfA === undefined || groupOfB === undefined || groupOfA === groupOfB;
  }

  hear(node: Node, from: PeerKey, message: Message): void {
    const end = node.ends.get(from);
    const ours = end?.link === message.link;
    switch (message.say) {
      case 'hello':
        return this.accept(node, from, message.link);
      case 'welcome':
        if (ours) this.connect(node, from, message.link, true);
        else this.send(node, from, { say: 'bye', link: message.link, reason: 'no longer wanted' });
        return;
      case 'refused':
        if (ours) this.refuse(node, from, message.link, message.reason);
        return;
      case 'frame':
        if (ours) this.tell(node, { on: 'received', peer: from, bytes: message.bytes });
        return;
      case 'bye':
        if (ours) this.close(node, from, message.link, message.reason);
        return;
    }
  }

  /**
   * Both dialled: the lower key's dial stands, so it ignores the other's hello and will be welcomed
   * for its own.
   */
  accept(node: Node, from: PeerKey, link: number): void {
    const end = node.ends.get(from);
    if (end?.state === 'dialling' && node.key < from) return;
    if (end?.state === 'up') this.close(node, from, end.link, 'the peer connected anew');
    this.connect(node, from, link, false);
    this.send(node, from, { say: 'welcome', link });
  }

  connect(node: Node, peer: PeerKey, link: number, dialled: boolean): void {
    node.ends.set(peer, { link, state: 'up' });
    this.tell(node, { on: 'connected', peer, direct: true, dialled });
  }

  refuse(node: Node, peer: PeerKey, link: number, reason: string): void {
    if (node.ends.get(peer)?.link !== link) return;
    node.ends.delete(peer);
    this.tell(node, { on: 'dialFailed', peer, reason });
  }

  close(node: Node, peer: PeerKey, link: number, reason: string): void {
    const end = node.ends.get(peer);
    if (end?.link !== link) return;
    if (end.state === 'dialling') return this.refuse(node, peer, link, reason);
    node.ends.delete(peer);
    const event = { on: 'disconnected', peer, reason } as const;
    this.tell(node, event);
  }

  /**
   * Something was lost: nothing passes on this link any more, and who is still there notices its
   * silence.
   */
  doom(link: number, a: PeerKey, b: PeerKey, afterMs = this.noticeMs): void {
    if (this.doomed.has(link)) return;
    this.doomed.add(link);
    const ends = [this.nodes.get(a), this.nodes.get(b)];
    this.clock.at(this.clock.now() + afterMs, () => {
      this.doomed.delete(link);
      for (const node of ends) {
        if (node !== undefined) this.close(node, node.key === a ? b : a, link, 'connection lost');
      }
    });
  }

  dial(node: Node, peer: PeerKey, addresses: readonly string[]): void {
    if (node.ends.has(peer)) return;
    const link = ++this.links;
    node.ends.set(peer, { link, state: 'dialling' });
    const shared = this.nodes.get(peer)?.relays.some((relay) => node.reserved.has(relay)) ?? false;
    if (peer === node.key) this.refuse(node, peer, link, 'this is our own key');
    else if (!shared && !addresses.includes(addressOf(peer))) {
      this.refuse(node, peer, link, 'no address of this peer is known');
    } else this.send(node, peer, { say: 'hello', link });
  }

  transmit(node: Node, peer: PeerKey, bytes: Uint8Array): void {
    const end = node.ends.get(peer);
    if (end?.state !== 'up') return;
    if (bytes.length <= MAX_FRAME_BYTES) {
      return this.send(node, peer, { say: 'frame', link: end.link, bytes: bytes.slice() });
    }
    const reason = `a frame of ${bytes.length} bytes is larger than ${MAX_FRAME_BYTES}`;
    this.send(node, peer, { say: 'bye', link: end.link, reason });
    this.close(node, peer, end.link, reason);
  }

  hangUp(node: Node, peer: PeerKey): void {
    const end = node.ends.get(peer);
    if (end === undefined) return;
    this.send(node, peer, { say: 'bye', link: end.link, reason: 'the peer hung up' });
    this.close(node, peer, end.link, 'we hung up');
  }

  kill(key: PeerKey): void {
    const node = this.nodes.get(key);
    if (node?.alive !== true) return;
    node.alive = false;
    for (const [peer, end] of node.ends) this.doom(end.link, key, peer);
  }

  cut(a: PeerKey, b: PeerKey): void {
    for (const [node, peer] of this.ends(a, b)) {
      const end = node.ends.get(peer);
      if (end !== undefined) this.doom(end.link, a, b, this.latencyMs(a, b));
    }
  }

  partition(groups: readonly (readonly PeerKey[])[]): void {
    this.groups.clear();
    groups.forEach((group, index) => group.forEach((peer) => this.groups.set(peer, index)));
    for (const node of this.nodes.values()) {
      for (const [peer, end] of node.ends) {
        if (end.state === 'up' && !this.reaches(node.key, peer))
          this.doom(end.link, node.key, peer);
      }
    }
  }

  setAway(key: PeerKey, away: boolean): void {
    const node = this.nodes.get(key);
    if (away) {
      const ends = [...(node?.ends ?? [])].filter(([, { state }]) => state === 'up');
      this.away.set(
        key,
        ends.map(([peer]) => peer),
      );
      for (const [peer, { link }] of ends) this.doom(link, key, peer);
      return;
    }
    const had = this.away.get(key) ?? [];
    this.away.delete(key);
    const call = () => {
      const now = this.nodes.get(key);
      if (now?.alive) for (const peer of had) this.dial(now, peer, [addressOf(peer)]);
    };
    call();
    // What it lost it may not have noticed yet.
    this.clock.at(this.clock.now() + 2 * this.noticeMs, call);
  }

  *ends(a: PeerKey, b: PeerKey): Iterable<readonly [Node, PeerKey]> {
    const [nodeA, nodeB] = [this.nodes.get(a), this.nodes.get(b)];
    if (nodeA !== undefined) yield [nodeA, b];
    if (nodeB !== undefined) yield [nodeB, a];
  }

  useRelays(node: Node, relays: readonly string[]): void {
    for (const address of node.reserved)
      if (!relays.includes(address)) node.reserved.delete(address);
    const added = relays.filter((address) => !node.relays.includes(address));
    node.relays = [...relays];
    for (const address of added) this.reserveSoon(node, address);
  }

  reserveSoon(node: Node, address: string): void {
    const afterMs = this.latencyMs(node.key, node.key);
    this.clock.at(this.clock.now() + afterMs, () => this.reserve(node, address));
  }

  /**
   * The newcomer hears of some who are there, and they of it: what asking again every few seconds
   * comes to.
   */
  reserve(node: Node, address: string): void {
    if (!node.alive || !node.relays.includes(address) || node.reserved.has(address)) return;
    if (this.relaysDown.has(address)) {
      const reason = 'the relay does not answer';
      return this.tell(node, { on: 'relay', address, connected: false, reason });
    }
    const others = [...this.nodes.values()].filter((one) => one.alive && one.reserved.has(address));
    node.reserved.add(address);
    this.tell(node, { on: 'relay', address, connected: true });
    const known = sample(others, MAX_INTRODUCED, this.clock.seed());
    if (known.length === 0) return;
    this.tell(node, { on: 'introduced', peers: known.map(introduction) });
    for (const other of known) this.tell(other, { on: 'introduced', peers: [introduction(node)] });
  }

  setRelay(address: string, up: boolean): void {
    if (up) this.relaysDown.delete(address);
    else this.relaysDown.add(address);
    for (const node of this.nodes.values()) {
      if (!node.alive || !node.relays.includes(address)) continue;
      if (up) this.reserveSoon(node, address);
      else if (node.reserved.delete(address)) {
        const reason = 'the relay does not answer';
        this.tell(node, { on: 'relay', address, connected: false, reason });
      }
    }
  }
}

function introduction(node: Node): Introduction {
  return { peer: node.key, addresses: [addressOf(node.key)] };
}
