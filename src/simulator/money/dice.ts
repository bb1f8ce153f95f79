/** All chance of a simulated town: one seed, one stream a purpose, so that a draw here does not move a draw there. */
import { hash } from '../../lib/protocol/index.ts';

export interface Dice {
  /** 0 .. sides - 1. */
  (sides: number): number;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  /** From .. to, both included. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** Another stream, which depends on the seed and the name only. */
  fork(name: string): Dice;
}

export function createDice(seed: string): Dice {
  const words = new DataView(hash(new TextEncoder().encode(`dice/${seed}`)).buffer);
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => words.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ];
  // sfc32: small, quick, and good enough to choose faults with.
  function next(): number {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let i = 0; i < 12; i++) next();
  const roll = (sides: number) => Math.floor((next() / 2 ** 32) * sides);
  return Object.assign(roll, {
    oneIn: (n: number) => roll(n) === 0,
    between: (from: number, to: number) => from + roll(to - from + 1),
    pick: <T>(from: readonly T[]) => from[roll(from.length)]!,
    fork: (name: string) => createDice(`${seed}/${name}`),
  });
}
