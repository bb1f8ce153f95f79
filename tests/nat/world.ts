/** The namespaces of `segments.ts` for as long as this process lives: what has to hold before them, and what ends with them. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { installFromDebian } from '../../tools/installing.ts';
import { addPublic, missingTools, removeAll } from './segments.ts';

/** Where the commands of `missingTools` come from. */
const PACKAGES = ['iproute2', 'nftables', 'coturn'];

/** Why there can be no routers here, for a person; null if there can. Installs what is missing on Debian. */
export function whyNoRouters(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'network namespaces and routers are made on Linux only, and by root.';
  }
  if (missingTools().length > 0) installFromDebian(PACKAGES);
  const missing = missingTools();
  if (missing.length === 0) return null;
  return `${missing.join(', ')} not found: apt-get install ${PACKAGES.join(' ')}`;
}

/** The public segment, and nobody in it yet. All of it is removed when this process ends. */
export async function openWorld(): Promise<void> {
  await holdNames();
  process.on('exit', removeAll);
  removeAll(); // what a run that was killed left behind
  try {
    addPublic();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`no network namespaces here: ${reason}`, { cause: error });
  }
}

/** Fails if another run uses the namespaces: a socket without a file is held as long as we live. */
async function holdNames(): Promise<void> {
  const holder = createServer().listen('\0gig-gossip-nat').unref();
  try {
    await once(holder, 'listening');
  } catch (cause) {
    throw new Error('other phones are behind routers on this machine already', { cause });
  }
}
