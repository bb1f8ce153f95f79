/**
 * The work port over any kind of worker: a few workers, however many puzzles. Whitepaper: "Proof Of
 * Work (POW)".
 *
 * Puzzles take turns: a free worker goes to the puzzle that has had the fewest, the most urgent
 * first. So an easy puzzle is done within its first turn or two, whatever hard ones others asked
 * for, and a single puzzle has all the workers. Nothing of a turn is worth keeping: what was not
 * found in it says nothing about the next.
 *
 * What a worker claims to have found is verified before it is told.
 */
import { meetsTarget, type WorkEffect, type WorkEvent } from '../../protocol/index.ts';
import type { Clock, WorkPort } from '../../runtime/ports.ts';
import type { MinerOrder, MinerReport } from '../../../workers/pow-miner.ts';

/** A worker as the pool sees it. It may be started by `spawn`; orders wait until it is up. */
export interface PowWorker {
  post(order: MinerOrder): void;
  listen(listener: { report(report: MinerReport): void; failed(reason: string): void }): void;
  close(): void;
}

export interface WorkPoolOptions {
  /** Starts a worker; may throw. Called when there is first something to mine. */
  readonly spawn: () => PowWorker;
  /** How many, at least 1: mostly the cores less one. */
  readonly workers: number;
  readonly clock: Clock;
}

export interface WorkPool extends WorkPort {
  /** Ends the workers; nothing is told after it. */
  close(): void;
}

/** Nonces a turn: 15 ms for a fast kernel in a good engine, 250 ms for the plain one. */
const noncesPerTurn = 2 ** 18;
/** ms between two reports of progress on one puzzle. */
const progressMs = 250;

type Puzzle = Extract<WorkEffect, { do: 'mine' }> & {
  readonly startedMs: number;
  turns: number;
  hashes: number;
  toldMs: number;
};

interface Seat {
  readonly worker: PowWorker;
  /** What it is at. A puzzle that is no longer open may still have a turn to its end. */
  at: { readonly turn: number; readonly puzzle: Puzzle } | null;
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
    close: () => pool.close(),
  };
}

class Pool {
  listener: ((event: WorkEvent) => void) | null = null;
  private readonly options: WorkPoolOptions;
  /** By id, the oldest first. */
  private readonly puzzles = new Map<string, Puzzle>();
  private readonly seats = new Set<Seat>();
  private turns = 0;

  constructor(options: WorkPoolOptions) {
    this.options = options;
  }

  mine(effect: Extract<WorkEffect, { do: 'mine' }>): void {
    if (this.puzzles.has(effect.id)) return; // the same wish again
    const { clock } = this.options;
    const startedMs = clock.now();
    // A newcomer does not catch up on turns that others had before it came.
    const turns = this.next()?.turns ?? 0;
    const puzzle = { ...effect, startedMs, turns, hashes: 0, toldMs: startedMs };
    this.puzzles.set(effect.id, puzzle);
    clock.at(effect.validTillMs, () => {
      if (this.puzzles.get(effect.id) === puzzle) this.fail(puzzle, 'ran out of time');
    });
    queueMicrotask(() => this.begin());
  }

  /** Not mined any more, by whatever reason. */
  forget(id: string): void {
    this.puzzles.delete(id);
    for (const { worker, at } of this.seats) {
      if (at?.puzzle.id === id) worker.post({ do: 'stop', turn: at.turn });
    }
  }

  close(): void {
    this.listener = null;
    this.puzzles.clear();
    for (const { worker } of this.seats) worker.close();
    this.seats.clear();
  }

  private begin(): void {
    if (this.puzzles.size === 0) return;
    const reason = this.staff();
    if (this.seats.size === 0) this.failAll(reason);
    else this.deal();
  }

  /** Starts the workers that are missing; says why one could not be. */
  private staff(): string {
    try {
      while (this.seats.size < this.options.workers) this.seat(this.options.spawn());
      return '';
    } catch (error) {
      return String(error);
    }
  }

  private seat(worker: PowWorker): void {
    const seat: Seat = { worker, at: null };
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
      puzzle.turns++;
      seat.at = { turn, puzzle };
      const { scheme, inner, target } = puzzle;
      const high = new DataView(this.options.clock.seed().buffer).getUint32(0);
      seat.worker.post({ do: 'mine', turn, scheme, inner, target, high, nonces: noncesPerTurn });
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
    if (!this.seats.has(seat) || seat.at?.turn !== report.turn) return;
    const { puzzle } = seat.at;
    const open = this.puzzles.get(puzzle.id) === puzzle;
    puzzle.hashes += report.hashes;
    if (report.on === 'progress') {
      if (open) this.tellProgress(puzzle);
      return;
    }
    seat.at = null;
    if (open && report.nonce !== null) this.solve(seat, puzzle, report.nonce);
    this.deal();
  }

  private solve(seat: Seat, puzzle: Puzzle, nonce: Uint8Array): void {
    if (!meetsTarget(puzzle.inner, nonce, puzzle.target, puzzle.scheme)) {
      return this.dismiss(seat, 'a worker miscounts');
    }
    this.forget(puzzle.id);
    this.listener?.({ on: 'mined', id: puzzle.id, nonce });
  }

  /** A worker that failed is gone; the others go on with what it was at. */
  private dismiss(seat: Seat, reason: string): void {
    if (!this.seats.delete(seat)) return;
    seat.worker.close();
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
    if (nowMs - puzzle.toldMs < progressMs) return;
    puzzle.toldMs = nowMs;
    const { id, hashes, startedMs } = puzzle;
    const hashesPerSecond = Math.round((hashes * 1_000) / (nowMs - startedMs));
    this.listener?.({ on: 'miningProgress', id, hashes, hashesPerSecond });
  }
}

function precedes(a: Puzzle, b: Puzzle): boolean {
  return a.turns !== b.turns ? a.turns < b.turns : a.validTillMs < b.validTillMs;
}
