/** What a process and everything it started hold of the machine's memory, as Linux counts it. */
import { readdir, readFile } from 'node:fs/promises';

/** The process that we started with `script` as an argument; undefined where there is no /proc. */
export async function childRunning(script: string): Promise<number | undefined> {
  for (const pid of await childrenOf(process.pid)) {
    const commandLine = await read(pid, 'cmdline');
    if (commandLine.includes(script)) return pid;
  }
  return undefined;
}

/**
 * Resident bytes of a process and all below it, added up: what two of them share counts twice, so
 * it is never too little.
 */
export async function residentBytes(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await read(pid, 'status'))?.[1] ?? '0';
  let sum = Number(kilobytes) * 1024;
  for (const child of await childrenOf(pid)) sum += await residentBytes(child);
  return sum;
}

/** Bytes of one process alone, with its share of what several have in common: these add up to the truth. */
export async function proportionalBytes(pid: number): Promise<number> {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(await read(pid, 'smaps_rollup'))?.[1] ?? '0';
  return Number(kilobytes) * 1024;
}

/** What a process of Chromium is, as `renderer`; empty for others. */
export async function processLabel(pid: number): Promise<string> {
  return /--type=([a-z-]+)/.exec(await read(pid, 'cmdline'))?.[1] ?? '';
}

/** All processes below one, by their pids. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => read(pid, `task/${thread}/children`)));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/** Empty if the process ended meanwhile. */
function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
