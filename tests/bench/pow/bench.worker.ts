/** The benchmark's thread in a browser. */
import capUrl from '@cap.js/wasm/browser/cap_wasm_bg.wasm?url';
import simdUrl from '../../../src/workers/pow-simd.wasm?url';
import { createThread, type Order } from './thread.ts';

const fetched = async (url: string) => (await fetch(new URL(url, import.meta.url))).arrayBuffer();
const thread = createThread(async () => ({
  simd: await fetched(simdUrl),
  cap: await fetched(capUrl),
}));

onmessage = async ({ data }: MessageEvent<Order>) => postMessage(await thread(data));
