/**
 * Keeps the desk's log on this device, in a database of its own beside the node's: the node would have to carry it through every
 * step. It watches what the screens are told, so it sees everything that any of them could show.
 */
import { createIndexedDbStore } from '../../adapters/store/indexed-db.ts';
import type { StorePort } from '../../runtime/ports.ts';
import type { NodeModel, Rejection } from '../node-model.svelte.ts';
import {
  deskCommands,
  Known,
  lineOfCommand,
  mostLines,
  newsOfCase,
  newsOfMember,
  type LogLine,
  type Now,
} from './log.ts';

/** ms in which many views become one look at all of them. */
const gatherMs = 200;

/** Lines that came together, under one key: the number of the first, and who wrote, as two windows may. */
interface Kept {
  readonly key: string;
  readonly lines: readonly LogLine[];
}

export class DeskLog {
  /** The oldest first. */
  lines: readonly LogLine[] = $state.raw([]);
  /** Why nothing is kept, '' while it is. */
  failure = $state('');
  /** What was kept is here, and what is new is added. */
  ready = $state(false);

  readonly #model: NodeModel;
  readonly #store: StorePort;
  readonly #now: () => number;
  readonly #writer: string;
  readonly #known = new Known();
  readonly #told = new WeakSet<Rejection>();
  #kept: Kept[] = [];
  #waiting: LogLine[] = [];
  #written = 0;
  #ids = 0;

  constructor(
    model: NodeModel,
    { store, now, writer }: { store: StorePort; now: () => number; writer: string },
  ) {
    this.#model = model;
    this.#store = store;
    this.#now = now;
    this.#writer = writer;
    store.listen((event) => {
      if (event.on === 'storeFailed') this.failure = event.reason;
      if (event.on === 'loaded') this.#load(event.entries);
    });
    store.perform({ do: 'load', id: this.#ids++ });
    model.onsend = (command) => {
      const line = lineOfCommand(command, this.#when());
      if (line === null) return;
      if (this.ready) this.#append([line]);
      else this.#waiting.push(line);
    };
  }

  /** Adds what the views tell and the log lacks. */
  look(): void {
    if (!this.ready) return;
    const now = this.#when();
    const news = [
      ...[...this.#model.memberships.values()].flatMap((one) =>
        newsOfMember(one, this.#known, now),
      ),
      ...[...this.#model.settlements.values()].flatMap((one) => newsOfCase(one, this.#known, now)),
    ];
    this.#append(news.sort((a, b) => a.atMs - b.atMs));
  }

  /** The node did not take what the owner asked. */
  refused(command: string, rejection: Rejection): void {
    if (!this.ready || this.#told.has(rejection)) return;
    this.#told.add(rejection);
    const { nowMs, height } = this.#when();
    const detail = `${command} ${rejection.code}`;
    const line = { atMs: nowMs, height, by: 'desk', did: 'notTaken', about: '', detail, msat: '' };
    this.#append([line as LogLine]);
  }

  #when(): Now {
    return { nowMs: this.#now(), height: this.#model.wallet.height };
  }

  #load(entries: readonly { readonly key: string; readonly value: Uint8Array | null }[]): void {
    for (const { key, value } of [...entries].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const lines = value === null ? [] : linesFrom(value);
      this.#kept.push({ key, lines });
      this.#written = Math.max(this.#written, Number(key.split('/')[0]) + lines.length || 0);
    }
    this.lines = this.#kept.flatMap(({ lines }) => lines);
    for (const line of this.lines) this.#known.add(line);
    // Older lines than the first were dropped.
    if (Number.parseInt(this.#kept[0]?.key ?? '0', 10) > 0) {
      this.#known.droppedMs = this.lines[0]?.atMs ?? -Infinity;
    }
    this.ready = true;
    this.#append(this.#waiting.splice(0));
    this.look();
  }

  #append(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const key = `${String(this.#written).padStart(12, '0')}/${this.#writer}`;
    this.#written += lines.length;
    this.#kept.push({ key, lines });
    for (const line of lines) this.#known.add(line);
    const value = new TextEncoder().encode(JSON.stringify(lines));
    const dropped = this.#drop();
    this.lines = dropped.length === 0 ? [...this.lines, ...lines] : this.#all();
    const gone = dropped.map(({ key: old }) => ({ key: old, value: null }));
    this.#store.perform({ do: 'write', id: this.#ids++, entries: [{ key, value }, ...gone] });
  }

  #all(): readonly LogLine[] {
    return this.#kept.flatMap(({ lines }) => lines);
  }

  /** Of too many lines the oldest go, a whole write of them at a time. */
  #drop(): Kept[] {
    let count = this.#kept.reduce((sum, { lines }) => sum + lines.length, 0);
    const dropped: Kept[] = [];
    while (count > mostLines && this.#kept.length > 1) {
      const [oldest] = this.#kept.splice(0, 1);
      count -= oldest!.lines.length;
      dropped.push(oldest!);
      for (const { atMs } of oldest!.lines) {
        this.#known.droppedMs = Math.max(this.#known.droppedMs, atMs);
      }
    }
    return dropped;
  }
}

/** What was kept, or nothing of what is damaged. */
function linesFrom(value: Uint8Array): readonly LogLine[] {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as readonly LogLine[];
  } catch {
    return [];
  }
}

/** Starts the log of the settler with that root, for as long as the page is open. */
export function keepLog(model: NodeModel, root: string): DeskLog {
  const store = createIndexedDbStore({ name: `gig-gossip-desk-${root.slice(0, 16)}` });
  const writer = crypto.randomUUID().slice(0, 8);
  const log = new DeskLog(model, { store, now: () => Date.now(), writer });
  $effect.root(() => {
    watch(model, log);
  });
  return log;
}

function watch(model: NodeModel, log: DeskLog): void {
  let waiting = false;
  $effect(() => {
    // Read, so that a change of any of them brings us back.
    for (const map of [model.settlements, model.memberships])
      for (const one of map.values()) void one;
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      log.look();
    }, gatherMs);
  });
  $effect(() => {
    for (const command of deskCommands) {
      const rejection = model.rejections.get(command);
      if (rejection) log.refused(command, rejection);
    }
  });
}
