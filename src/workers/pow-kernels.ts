/**
 * The kernels of a mining worker, all of one shape: each looks for nonces whose digest begins low enough, in whatever way is
 * fast where it runs, and what it found is hashed in full. Whitepaper: "Proof Of Work (POW)".
 */
import { concat, u32 } from '../lib/protocol/bytes.ts';
import { meetsTarget, type MineSlice, type Nonce } from '../lib/protocol/job/proof-of-work.ts';
import { firstBelow } from './pow-unrolled.ts';

export interface Kernel {
  readonly name: 'simd' | 'js';
  readonly mineSlice: MineSlice;
}

/**
 * Where among `count` nonces the first may be whose digest begins with a word of at most `bound`: one of the `among` nonces
 * after the first `passed`. Null if there is none.
 */
type Search = (
  words: Int32Array,
  bound: number,
  start: Nonce,
  count: number,
) => { readonly passed: number; readonly among: number } | null;

/** What `pow-simd.as.ts` exports. */
interface SimdExports {
  readonly memory: WebAssembly.Memory;
  /** Where the 8 words of `inner` go. */
  readonly INNER: WebAssembly.Global<'i32'>;
  prepare(high: number): void;
  mine(low: number, groups: number, bound: number): number;
}

const lanes = 4;

/** Rejects where the engine has no SIMD or the page's policy no WebAssembly. `wasm` is what was built of `pow-simd.as.ts`. */
export async function createSimdKernel(wasm: BufferSource): Promise<Kernel> {
  const { instance } = await WebAssembly.instantiate(wasm);
  const { memory, INNER, prepare, mine } = instance.exports as unknown as SimdExports;
  const inner = new Int32Array(memory.buffer, INNER.value, 8);
  const search: Search = (words, bound, { high, low }, count) => {
    inner.set(words);
    prepare(high);
    const groups = Math.ceil(count / lanes);
    const left = mine(low, groups, bound) >>> 0;
    return left === 0 ? null : { passed: (groups - left) * lanes, among: lanes };
  };
  return { name: 'simd', mineSlice: (...slice) => mineWith(search, ...slice) };
}

/** Needs nothing but JavaScript. */
export const jsKernel: Kernel = {
  name: 'js',
  mineSlice: (...slice) => mineWith(searchUnrolled, ...slice),
};

function searchUnrolled(...[words, bound, { high, low }, count]: Parameters<Search>) {
  const passed = firstBelow(words, high, low, count, bound);
  return passed < 0 ? null : { passed, among: 1 };
}

function mineWith(search: Search, ...[inner, target, start, count]: Parameters<MineSlice>) {
  if (start.low + count > 2 ** 32) throw new Error('mineSlice: beyond the low half');
  const words = Int32Array.from({ length: 8 }, (_, i) => word(inner, i));
  const bound = word(target, 0);
  const { high } = start;
  for (let done = 0; done < count;) {
    const found = search(words, bound, { high, low: start.low + done }, count - done);
    if (found === null) return null;
    const first = done + found.passed;
    done = Math.min(first + found.among, count);
    for (let i = first; i < done; i++) {
      const nonce = concat(u32(high), u32(start.low + i));
      if (meetsTarget(inner, nonce, target)) return nonce;
    }
  }
  return null;
}

function word(bytes: Uint8Array, i: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * i);
}

/** ms that each kernel gets to show what it can, at least one slice. */
const trialMs = 15;
const trialSlice = 2 ** 12;

export interface TriedKernel extends Kernel {
  readonly hashesPerSecond: number;
}

/** Of the kernels that can be made here, the one that is fastest here. */
export async function chooseKernel(
  fetchWasm: () => Promise<BufferSource>,
  /** A monotonic clock, ms. */
  now: () => number,
): Promise<TriedKernel> {
  const simd = await fetchWasm()
    .then(createSimdKernel)
    .catch(() => null);
  const tried = [simd, jsKernel].flatMap((kernel) =>
    kernel === null ? [] : [{ ...kernel, hashesPerSecond: 1_000 * speed(kernel, now) }],
  );
  return tried.reduce((best, next) => (next.hashesPerSecond > best.hashesPerSecond ? next : best));
}

/** Hashes per ms, of the fastest slice: engines get faster while they try. */
function speed({ mineSlice }: Kernel, now: () => number): number {
  const [inner, impossible] = [new Uint8Array(32), new Uint8Array(32)];
  let best = 0;
  const untilMs = now() + trialMs;
  for (let low = 0; ; low += trialSlice) {
    const startedMs = now();
    mineSlice(inner, impossible, { high: 0, low }, trialSlice);
    const endedMs = now();
    // A coarse clock may see no time pass.
    best = Math.max(best, trialSlice / Math.max(endedMs - startedMs, 0.005));
    if (endedMs >= untilMs) return best;
  }
}
