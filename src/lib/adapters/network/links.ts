/**
 * All links of one node, one a peer at most, and the streams that have not said yet what they are
 * for.
 */
import type { NetworkEvent, PeerKey } from '../../protocol/index.ts';
import { GREETING_TICKS, Link } from './link.ts';
import { Reconnect } from './reconnect.ts';
import type { Reach } from './link.ts';
import type { Pipe } from './pipe.ts';
import { decodeAttempt, Kind } from './wire.ts';
import type { Attempt, Word } from './wire.ts';

export interface LinksOptions {
  readonly self: PeerKey;
  /** 8 random bytes as hex: this run of the node. */
  readonly run: string;
  readonly reach: Reach;
  readonly tell: (event: NetworkEvent) => void;
}

export class Links {
  readonly #is: LinksOptions;
  readonly #links = new Map<PeerKey, Link>();
  /** Pipes that have not said a word, with the ticks they had for it. */
  readonly #strangers = new Map<Pipe, number>();
  readonly #lost: Reconnect;
  #count = 0;

  constructor(options: LinksOptions) {
    this.#is = options;
    this.#lost = new Reconnect({
      chance: Math.random,
      call: (peer, addresses) => {
        if (!this.#links.has(peer)) void this.#create(peer).open(addresses);
      },
    });
  }

  /** Peers whose links have been told `connected`. */
  get connected(): PeerKey[] {
    return [...this.#links].flatMap(([peer, { told }]) => (told ? [peer] : []));
  }

  /** Whom we talk with directly, neither of us depending on anybody. */
  get neighbours(): PeerKey[] {
    return [...this.#links.keys()].filter((peer) => this.isNeighbour(peer));
  }

  isNeighbour(peer: PeerKey): boolean {
    const link = this.#links.get(peer);
    return link?.told === true && link.pipe?.direct === true;
  }

  get(peer: PeerKey): Link | undefined {
    return this.#links.get(peer);
  }

  dial(peer: PeerKey, addresses: readonly string[]): void {
    if (peer === this.#is.self) {
      return this.#is.tell({ on: 'dialFailed', peer, reason: 'this is our own key' });
    }
    const before = this.#links.get(peer);
    const known = before?.giveWay() === true ? undefined : before;
    this.#lost.note(peer, addresses);
    const link = known ?? this.#create(peer);
    link.asked = true;
    if (known === undefined) void link.open(addresses);
  }

  /** As a dial that nobody asked for: its success is told, its failure is not. */
  call(peer: PeerKey, addresses: readonly string[]): void {
    if (peer === this.#is.self || this.#links.has(peer)) return;
    this.#lost.note(peer, addresses);
    void this.#create(peer).open(addresses);
  }

  transmit(peer: PeerKey, bytes: Uint8Array): void {
    this.#links.get(peer)?.transmit(bytes);
  }

  hangUp(peer: PeerKey): void {
    this.#lost.forget(peer);
    this.#links.get(peer)?.hangUp();
  }

  /** The page may come back and call them again; after `stop` nobody does. */
  hangUpAll(reason: string): void {
    for (const link of [...this.#links.values()]) link.close(reason);
  }

  stop(reason: string): void {
    this.hangUpAll(reason);
    this.#lost.stop();
  }

  /** Something changed for the better: who was lost is called soon. */
  hurry(): void {
    this.#lost.hurry();
  }

  /** A stream that a peer opened; its first word says what for. */
  accept(peer: PeerKey, pipe: Pipe): void {
    let link: Link | null = null;
    this.#strangers.set(pipe, 0);
    pipe.listen({
      onWord: (word) => {
        if (link !== null) return link.hear(pipe, word);
        this.#strangers.delete(pipe);
        link = this.#hearFirst(peer, pipe, word);
        if (link === null) void pipe.end();
      },
      onEnd: (reason) => {
        this.#strangers.delete(pipe);
        link?.ended(pipe, reason);
      },
    });
  }

  tick(): void {
    for (const [pipe, ticks] of this.#strangers) {
      this.#strangers.set(pipe, ticks + 1);
      if (ticks < GREETING_TICKS) continue;
      this.#strangers.delete(pipe);
      void pipe.end();
    }
    for (const link of [...this.#links.values()]) link.tick();
  }

  /** The link that this pipe belongs to from now on, if any. */
  #hearFirst(peer: PeerKey, pipe: Pipe, { kind, body }: Word): Link | null {
    const known = this.#links.get(peer);
    if (kind === Kind.move) return known?.moveTo(pipe, decodeAttempt(body)) === true ? known : null;
    if (kind !== Kind.hello) return null;
    const attempt = decodeAttempt(body);
    const seen = known?.seen;
    if (seen?.run === attempt.run && attempt.count <= seen.count) return null;
    if (known?.stage === 'agreed') known.replacedBy(pipe);
    const link = this.#links.get(peer) ?? this.#create(peer);
    link.greeted(pipe, attempt);
    return link;
  }

  #create(peer: PeerKey): Link {
    const { self, run, reach, tell } = this.#is;
    const link: Link = new Link({
      peer,
      first: self < peer,
      reach,
      countUp: (): Attempt => ({ run, count: ++this.#count }),
      counted: (): Attempt => ({ run, count: this.#count }),
      tell,
      back: () => this.#lost.back(peer),
      gone: (wished) => {
        if (this.#links.get(peer) === link) this.#links.delete(peer);
        if (wished && link.told) this.#lost.forget(peer);
        else if (!wished && (link.told || link.called)) this.#lost.lost(peer);
      },
    });
    this.#links.set(peer, link);
    return link;
  }
}
