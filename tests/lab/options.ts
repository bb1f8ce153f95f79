/** What `npm run lab` is asked for on its command line. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SIDES } from '../nat/segments.ts';

/** Routers that phones can be put behind. */
const ROUTERS = ['cone', 'symmetric', 'blocked'] as const;
export type Router = (typeof ROUTERS)[number];

const TRACES = ['on', 'off'] as const;

export interface LabOptions {
  /** How many phones. */
  readonly nodes: number;
  /** What each of them is behind; null: they share this machine's network. */
  readonly behind: Router | null;
  /** Path of the module that drives them; null: people do. */
  readonly script: string | null;
  /** What else was said, for the script. */
  readonly args: readonly string[];
  /** How long a script that measures takes, and without a script how long the phones are there; null: as they like. */
  readonly minutes: number | null;
  /** In windows. */
  readonly headed: boolean;
  /** A network without settler and middlemen. */
  readonly bare: boolean;
  /** Keep a Playwright trace of each phone. */
  readonly traces: boolean;
  /** One JSON object on standard output; what people read goes to standard error. */
  readonly json: boolean;
}

/** Pages of one browser on one machine: more of them take more memory than most machines have. */
const MOST_NODES = 24;
const DEFAULT_NODES = 3;
/** A day. */
const MOST_MINUTES = 1_440;

export const USAGE = `npm run lab -- [options] [arguments for the script]

  --nodes N            phones, ${DEFAULT_NODES} unless said, at most ${MOST_NODES} (${SIDES.length} behind routers)
  --behind KIND        each behind a NAT router of its own: ${ROUTERS.join(', ')} (Linux, root)
  --script FILE        a TypeScript module: export default async ({ phones, network }: Lab) => { ... }
  --minutes M          how long a script measures; without a script, when it ends
  --headed             in windows, where there is a display
  --trace on|off       keep a Playwright trace of each phone; on unless said
  --bare               a practice network without settler and middlemen
  --json               one JSON object at the end
  --help

Without a script a prompt reads commands from the terminal; "help" lists them.`;

/** Throws an `Error` that says what is wrong; null if only help was asked for. */
export function parseLab(argv: readonly string[]): LabOptions | null {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      nodes: { type: 'string' },
      behind: { type: 'string' },
      script: { type: 'string' },
      minutes: { type: 'string' },
      trace: { type: 'string', default: 'on' },
      headed: { type: 'boolean', default: false },
      bare: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { headed, bare, json, trace } = values;
  const behind = values.behind === undefined ? null : oneOf('--behind', ROUTERS, values.behind);
  const script = values.script === undefined ? null : resolve(values.script);
  if (script !== null && !existsSync(script)) throw new Error(`--script: there is no ${script}`);
  if (script === null && positionals.length > 0) {
    throw new Error(`"${positionals[0]}" is for a script, and there is no --script`);
  }
  return {
    nodes: nodesOf(values.nodes, behind),
    behind,
    script,
    args: positionals,
    minutes: minutesOf(values.minutes),
    headed,
    bare,
    traces: oneOf('--trace', TRACES, trace) === 'on',
    json,
  };
}

function nodesOf(text: string | undefined, behind: Router | null): number {
  const most = behind === null ? MOST_NODES : SIDES.length;
  const nodes = text === undefined ? DEFAULT_NODES : Number(text);
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= most) return nodes;
  const where = behind === null ? '' : ' with --behind';
  throw new Error(`--nodes wants a whole number from 1 to ${most}${where}, not "${text}"`);
}

function minutesOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const minutes = Number(text);
  if (minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new Error(`--minutes wants a number up to ${MOST_MINUTES}, not "${text}"`);
}

function oneOf<One extends string>(option: string, all: readonly One[], text: string): One {
  const found = all.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Error(`${option} wants one of ${all.join(', ')}, not "${text}"`);
}
