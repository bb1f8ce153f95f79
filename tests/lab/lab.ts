/**
 * A laboratory of phones: a practice network and browser pages that are its people, each with a play-money wallet. A script drives
 * them, or a person does; what they looked like at the end is kept, and a Playwright trace of each.
 *
 *   options.ts  the command line      seen.ts, table.ts   who is connected with whom
 *   prompt.ts   driven by hand        browsers.ts         what the pages run in
 *   run.ts      from start to end     ride.ts             an example script
 */
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cache, root } from '../../tools/commands.ts';
import { Phone } from '../e2e/phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from '../e2e/practice-network.ts';
import { NETWORK_OPTIONS } from '../nat/inhabitants.ts';
import { startBrowsers, type Browsers } from './browsers.ts';
import type { LabOptions } from './options.ts';
import { watchLinks } from './seen.ts';
import { connectionsOf, tableOf, type Connections } from './table.ts';

/** What a script is given. It fails by throwing. */
export interface Lab {
  /** `phone-1` and so on, each with a funded wallet, in nobody's books yet: `vouch` makes one a customer or a worker. */
  readonly phones: readonly Phone[];
  readonly network: PracticeNetwork;
  /** What the command line said beside its options. */
  readonly args: readonly string[];
  /** `--minutes`, or null. */
  readonly minutes: number | null;
  /** For whatever is worth keeping; pictures and traces end there. */
  readonly folder: string;
  /** A line for people. */
  readonly log: (line: string) => void;
  /** What `--json` prints as `result`; the last one counts. */
  readonly report: (result: unknown) => void;
  readonly connections: () => Promise<Connections[]>;
}

/** The default export of a script. */
export type LabScript = (lab: Lab) => Promise<void>;

export interface OpenLab extends Lab {
  readonly browsers: Browsers;
  readonly result: () => unknown;
  /** Keeps a picture; answers its path, or null if the phone has no page. */
  readonly shoot: (phone: Phone, name?: string) => Promise<string | null>;
  /** Pictures, traces, and the end of everything that was started. Answers the files kept, as paths from here. */
  readonly close: () => Promise<string[]>;
}

/** ms for what a script taps to be there; machines that run many phones are slow. */
const PATIENCE_MS = 60_000;

/** `time` names its folder under `.cache/lab`. */
export async function openLab(
  options: LabOptions,
  { log, time }: { readonly log: Lab['log']; readonly time: string },
): Promise<OpenLab> {
  const folder = join(cache, 'lab', time);
  await mkdir(folder, { recursive: true });
  const ends: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const each of ends.splice(0).reverse()) await each().catch(complain);
  };
  try {
    const where = options.behind === null ? [] : NETWORK_OPTIONS;
    const network = await startPracticeNetwork(...where, ...(options.bare ? ['--bare'] : []));
    ends.push(network.stop);
    const browsers = await startBrowsers(options, network.url);
    ends.push(browsers.close);
    const phones: Phone[] = [];
    for (let number = 1; number <= options.nodes; number++) {
      phones.push(await openPhone(number, { options, browsers, network, ends, folder }));
      log(`phone-${number} is on the network and has a wallet`);
    }
    let result: unknown = null;
    const shoot = shooter(folder);
    return {
      ...{ phones, network, folder, log, browsers, shoot },
      ...{ args: options.args, minutes: options.minutes },
      report: (given) => (result = given),
      result: () => result,
      connections: () => connectionsOf(phones),
      async close() {
        const kept: string[] = [];
        for (const phone of phones) {
          const path = await shoot(phone).catch(complain);
          if (typeof path === 'string') kept.push(path);
          if (options.traces) kept.push(traceOf(folder, phone.name));
        }
        await end();
        return kept.map((path) => relative(root, path));
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Ground {
  readonly options: LabOptions;
  readonly browsers: Browsers;
  readonly network: PracticeNetwork;
  readonly ends: (() => Promise<unknown>)[];
  readonly folder: string;
}

async function openPhone(number: number, ground: Ground): Promise<Phone> {
  const { options, browsers, network, ends, folder } = ground;
  const phone = await Phone.open(await browsers.browserOf(number), `phone-${number}`);
  const { context, name } = phone;
  ends.push(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  if (options.traces) {
    await context.tracing.start({ screenshots: true, snapshots: true, title: name });
    ends.push(() => context.tracing.stop({ path: traceOf(folder, name) }));
  }
  await watchLinks(phone);
  await phone.follow(network.url);
  await phone.connectWallet();
  await phone.go('#/');
  return phone;
}

/** Null if there is nobody to be seen. */
function shooter(folder: string): OpenLab['shoot'] {
  return async (phone, name = phone.name) => {
    if (!phone.isOpen) return null;
    const path = join(folder, `${name}.png`);
    await phone.page.screenshot({ path, fullPage: true });
    return path;
  };
}

function traceOf(folder: string, name: string): string {
  return join(folder, `${name}-trace.zip`);
}

/** What goes wrong at the end must not hide why it ended. */
function complain(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
}

export async function tableFor(lab: Pick<Lab, 'connections'>): Promise<string> {
  return tableOf(await lab.connections());
}
