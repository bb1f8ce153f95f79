/** Rounds in which every contender has its turn, so that what the machine does besides meets all alike. */
import { contenders, type Contender } from './contenders.ts';
import type { Order } from './thread.ts';

/** Some threads, numbered from 0, that mine. */
export interface Bench {
  /** Hashes done. */
  order(thread: number, order: Order): Promise<number>;
  /** ms of CPU time that all mining threads together have had. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

/** Odd, so that a median is one of them. */
const rounds = 5;
const turnMs = 600;
const warmUp = 2 ** 17;

/** MH/s of each, per thread; `twoWorkers` is the SIMD kernel's in two threads at once, taken together. */
export async function measure(bench: Bench): Promise<Record<Contender | 'twoWorkers', number>> {
  const entries = [
    ...contenders.map((one) => [one, one, 1] as const),
    ['twoWorkers', 'simd', 2] as const,
  ];
  const rates = new Map<string, number[]>();
  const sizes = new Map<string, number>();
  for (const [name, contender, threads] of entries) {
    await turn(bench, contender, threads, warmUp);
    const rate = await turn(bench, contender, threads, warmUp);
    sizes.set(name, Math.ceil((rate / threads) * turnMs * 1_000));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender, threads] of entries) {
      const rate = await turn(bench, contender, threads, sizes.get(name)!);
      rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  }
  const figures = [...rates].map(([name, of]) => [name, Math.round(median(of) * 100) / 100]);
  return Object.fromEntries(figures) as Record<Contender | 'twoWorkers', number>;
}

/** MH/s of all threads together: what each did in a second of its CPU, added up. */
async function turn(bench: Bench, contender: Contender, threads: number, hashes: number) {
  const before = await bench.cpuMs();
  const orders = Array.from({ length: threads }, (_, i) => bench.order(i, { contender, hashes }));
  const done = (await Promise.all(orders)).reduce((sum, one) => sum + one, 0);
  const perThreadMs = ((await bench.cpuMs()) - before) / threads;
  return done / 1_000 / Math.max(perThreadMs, 1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
