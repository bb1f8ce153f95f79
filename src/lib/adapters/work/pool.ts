/**
 * The work port over any kind of worker: a few workers, however many puzzles. Whitepaper: "Proof Of
 * Work (POW)".
 *
 * Puzzles take turns of a tenth of a second: a free worker goes to the puzzle that has had the fewest, the most urgent
 * first; the owner's own have four turns for each that others' have. So an easy puzzle is done within its first turn or two,
 * whatever hard ones others asked for, and a single puzzle has all the workers. Nothing of a turn is worth keeping: what was not
 * found in it says nothing about the next. So a worker that dies or sleeps loses one turn, and its puzzle goes on with another.
 *
 * What a worker claims to have found is verified before it is told.
 */
import {
  meetsTarget,
  type HashRates,
  type WorkEffect,
  type WorkEvent,
} from '../../protocol/index.ts';
import type { Clock, WorkPort } from '../../runtime/ports.ts';
import type { MinerOrder, MinerReport } from '../../../workers/pow-miner.ts';
import { noPace, paced, ratesOf, type Pace } from './rates.ts';

/** A worker as the pool sees it. It may be started by `spawn`; orders wait until it is up. */
export interface PowWorker {
  post(order: MinerOrder): void;
  listen(listener: { report(report: MinerReport): void; failed(reason: string): void }): void;
  close(): void;
}

export interface WorkPoolOptions {
  /** Starts a worker; may throw. Called when there is first something to mine. */
  readonly spawn: () => PowWorker;
  /** How many, at least 1 (`staffing.ts`). */
  readonly workers: number;
  readonly clock: Clock;
}

export interface WorkPool extends WorkPort {
  /** Starts the workers before there is anything to mine: they are warm, and how fast they are is known. */
  warm(): void;
  /** From now on so many workers, at least 1. */
  employ(workers: number): void;
  /** Ends the workers; nothing is told after it. */
  close(): void;
}

/** How long a turn should take, and its nonces: the first of a worker, and the most. */
const turnMs = 100;
const firstTurn = 2 ** 14;
const mostNonces = 2 ** 24;
/** Turns of an own puzzle for each of another's. */
const ownShare = 4;
/** ms between two reports of progress on one puzzle. */
const progressMs = 250;
/** A longer pause between two reports is sleep, not work. */
const napMs = 5_000;
/** ms between two reports of how fast the workers are, at least. */
const minersMs = 5_000;
/** The pool looks after its workers this often; who says nothing for so many looks is replaced. */
const lookMs = 1_000;
const silentLooks = 30;
/** Workers that fail one after the other before anything was mined: then there is no use in starting more. */
const mostFailures = 4;

type Puzzle = Extract<WorkEffect, { do: 'mine' }> & {
  /** Turns it has had, fewer for an own one. */
  had: number;
  hashes: number;
  /** ms since it came, without those that the device slept. */
  awakeMs: number;
  seenMs: number;
  toldMs: number;
};

interface Seat {
  readonly worker: PowWorker;
  readonly pace: Pace;
  /** What it is at. A puzzle that is no longer open may still have a turn to its end. */
  at: { readonly turn: number; readonly puzzle: Puzzle } | null;
  /** Looks since it last said something. */
  silent: number;
  /** One too many: goes when its turn is over. */
  leaving: boolean;
}

export function createWorkPool(options: WorkPoolOptions): WorkPool {
  const pool = new Pool(options);
  return {
    perform: (effect) => {
      if (effect.do === 'mine') pool.mine(effect);
      else pool.forget(effect.id);
    },
    listen: (listener) => {
      pool.listener = listener;
    },
    warm: () => pool.staff(),
    employ: (workers) => pool.employ(workers),
    close: () => pool.close(),
  };
}

class Pool {
  listener: ((event: WorkEvent) => void) | null = null;
  private readonly options: WorkPoolOptions;
  private wanted: number;
  /** By id, the oldest first. */
  private readonly puzzles = new Map<string, Puzzle>();
  private readonly seats = new Set<Seat>();
  private turns = 0;
  private failures = 0;
  private kernel: 'simd' | 'js' | null = null;
  private told: { readonly hashRates: HashRates; readonly workers: number } | null = null;
  private toldMs = -Infinity;
  private looking = false;
  private lookedMs = 0;

  constructor(options: WorkPoolOptions) {
    this.options = options;
    this.wanted = Math.max(1, options.workers);
  }

  mine(effect: Extract<WorkEffect, { do: 'mine' }>): void {
    if (this.puzzles.has(effect.id)) return; // the same wish again
    const { clock } = this.options;
    const nowMs = clock.now();
    // A newcomer does not catch up on turns that others had before it came.
    const had = this.next()?.had ?? 0;
    const fresh = { had, hashes: 0, awakeMs: 0, seenMs: nowMs, toldMs: nowMs };
    const puzzle = { ...effect, ...fresh };
    this.puzzles.set(effect.id, puzzle);
    clock.at(effect.validTillMs, () => {
      if (this.puzzles.get(effect.id) === puzzle) this.fail(puzzle, 'ran out of time');
    });
    this.look();
    queueMicrotask(() => this.begin());
  }

  /** Not mined any more, by whatever reason. */
  forget(id: string): void {
    this.puzzles.delete(id);
    for (const { worker, at } of this.seats) {
      if (at?.puzzle.id === id) worker.post({ do: 'stop', turn: at.turn });
    }
  }

  employ(workers: number): void {
    this.wanted = Math.max(1, workers);
    if (this.seats.size === 0) return;
    let staying = this.wanted;
    for (const seat of [...this.seats]) {
      seat.leaving = staying-- <= 0;
      if (seat.leaving && seat.at === null) this.leave(seat);
    }
    this.staff();
    this.deal();
    this.tellMiners();
  }

  close(): void {
    this.listener = null;
    this.puzzles.clear();
    for (const { worker } of this.seats) worker.close();
    this.seats.clear();
  }

  private begin(): void {
    if (this.puzzles.size === 0) return;
    this.failures = 0;
    this.staff();
    this.deal();
  }

  /** Starts the workers that are missing. */
  staff(): void {
    try {
      while (this.seats.size < this.wanted) this.seat(this.options.spawn());
    } catch (error) {
      if (this.seats.size === 0) this.failAll(String(error));
    }
  }

  private seat(worker: PowWorker): void {
    const seat: Seat = { worker, pace: noPace(), at: null, silent: 0, leaving: false };
    this.seats.add(seat);
    worker.listen({
      report: (report) => this.onReport(seat, report),
      failed: (reason) => this.dismiss(seat, reason),
    });
  }

  /** Gives every free worker a turn. */
  private deal(): void {
    for (const seat of this.seats) {
      const puzzle = seat.at === null ? this.next() : null;
      if (puzzle === null) continue;
      const turn = ++this.turns;
      puzzle.had += puzzle.own ? 1 / ownShare : 1;
      seat.at = { turn, puzzle };
      const { scheme, inner, target } = puzzle;
      const high = new DataView(this.options.clock.seed().buffer).getUint32(0);
      const pace = seat.pace[scheme];
      const nonces = pace === null ? firstTurn : Math.ceil(Math.min(pace * turnMs, mostNonces));
      seat.worker.post({ do: 'mine', turn, scheme, inner, target, high, nonces });
    }
  }

  private next(): Puzzle | null {
    let best: Puzzle | null = null;
    for (const puzzle of this.puzzles.values()) {
      if (best === null || precedes(puzzle, best)) best = puzzle;
    }
    return best;
  }

  private onReport(seat: Seat, report: MinerReport): void {
    if (!this.seats.has(seat)) return;
    seat.silent = 0;
    if (report.on === 'ready') {
      this.kernel = report.kernel;
      seat.pace.sha256 = report.hashesPerSecond / 1_000;
      return this.tellMiners();
    }
    if (seat.at?.turn !== report.turn) return;
    const { puzzle } = seat.at;
    const open = this.puzzles.get(puzzle.id) === puzzle;
    const { hashes, busyMs } = report;
    puzzle.hashes += hashes;
    const { scheme } = puzzle;
    seat.pace[scheme] = paced(seat.pace[scheme], hashes, busyMs);
    this.failures = 0;
    if (open) this.tellProgress(puzzle);
    if (report.on === 'progress') return;
    seat.at = null;
    this.tellMiners();
    if (open && report.nonce !== null) this.solve(seat, puzzle, report.nonce);
    if (seat.leaving) this.leave(seat);
    this.deal();
  }

  private solve(seat: Seat, puzzle: Puzzle, nonce: Uint8Array): void {
    if (!meetsTarget(puzzle.inner, nonce, puzzle.target, puzzle.scheme)) {
      return this.dismiss(seat, 'a worker miscounts');
    }
    this.forget(puzzle.id);
    this.listener?.({ on: 'mined', id: puzzle.id, nonce });
  }

  private leave(seat: Seat): void {
    this.seats.delete(seat);
    seat.worker.close();
  }

  /** A worker that failed is replaced; somebody goes on with what it was at. */
  private dismiss(seat: Seat, reason: string): void {
    if (!this.seats.has(seat)) return;
    this.leave(seat);
    if (++this.failures < mostFailures && this.puzzles.size > 0) this.staff();
    if (this.seats.size === 0) this.failAll(reason);
    else this.deal();
  }

  private failAll(reason: string): void {
    for (const puzzle of [...this.puzzles.values()]) {
      this.fail(puzzle, `no worker is left: ${reason}`);
    }
  }

  private fail(puzzle: Puzzle, reason: string): void {
    this.forget(puzzle.id);
    this.listener?.({ on: 'miningFailed', id: puzzle.id, reason });
  }

  private tellProgress(puzzle: Puzzle): void {
    const nowMs = this.options.clock.now();
    puzzle.awakeMs += Math.min(nowMs - puzzle.seenMs, napMs);
    puzzle.seenMs = nowMs;
    if (nowMs - puzzle.toldMs < progressMs) return;
    puzzle.toldMs = nowMs;
    const { id, hashes, awakeMs } = puzzle;
    const hashesPerSecond = Math.round((hashes * 1_000) / awakeMs);
    this.listener?.({ on: 'miningProgress', id, hashes, hashesPerSecond });
  }

  /** Of the workers that there should be: at once when it is first known or there are more or fewer, then now and then. */
  private tellMiners(): void {
    const { kernel, wanted: workers, told } = this;
    const nowMs = this.options.clock.now();
    if (told?.workers === workers && nowMs - this.toldMs < minersMs) return;
    const paces = [...this.seats].filter((seat) => !seat.leaving).map(({ pace }) => pace);
    const hashRates = ratesOf(paces, workers);
    if (hashRates === null) return;
    this.told = { hashRates, workers };
    this.toldMs = nowMs;
    this.listener?.({ on: 'miners', miners: { kernel, workers, hashRates } });
  }

  /**
   * As long as there are puzzles: whoever falls silent at one is replaced. When a device sleeps, everybody does, and its timers
   * may stand still: deadlines are looked at as well.
   */
  private look(): void {
    if (this.looking) return;
    const { clock } = this.options;
    this.looking = true;
    this.lookedMs = clock.now();
    clock.at(this.lookedMs + lookMs, () => {
      this.looking = false;
      if (this.puzzles.size === 0) return;
      const nowMs = clock.now();
      const slept = nowMs - this.lookedMs > 2 * lookMs;
      for (const puzzle of [...this.puzzles.values()]) {
        if (puzzle.validTillMs <= nowMs) this.fail(puzzle, 'ran out of time');
      }
      for (const seat of [...this.seats]) {
        seat.silent = slept || seat.at === null ? 0 : seat.silent + 1;
        if (seat.silent >= silentLooks) this.dismiss(seat, 'a worker fell silent');
      }
      this.look();
    });
  }
}

function precedes(a: Puzzle, b: Puzzle): boolean {
  return a.had !== b.had ? a.had < b.had : a.validTillMs < b.validTillMs;
}
