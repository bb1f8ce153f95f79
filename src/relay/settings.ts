/**
 * How an operator sets up a relay: variables of the environment, or the same names in a file of `NAME=value` lines, with the
 * environment before the file. `settingRows` is the table in docs/relay.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseEnv } from 'node:util';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { ordinaryLimits } from './limits.ts';
import type { RelayLimits } from './limits.ts';

interface Setting {
  readonly standard: string | number;
  readonly what: string;
}

const most = 2 ** 32;

const settings = {
  RELAY_HOST: { standard: '0.0.0.0', what: 'numeric address to listen on; `::` for IPv6 as well' },
  RELAY_PORT: { standard: 8443, what: 'TCP port for WebSockets; the proxy before it speaks TLS' },
  RELAY_ANNOUNCE: {
    standard: '',
    what: 'multiaddrs that nodes are told, with commas between: `/dns4/relay.example.org/tcp/443/wss`; empty: where it listens',
  },
  RELAY_KEY_FILE: {
    standard: 'relay.key',
    what: 'file with its secret key in hex, made if it is not there; the key is part of its address',
  },
  RELAY_STATUS_HOST: {
    standard: '127.0.0.1',
    what: 'numeric address of `/healthz` and `/metrics`',
  },
  RELAY_STATUS_PORT: { standard: 9464, what: 'TCP port of `/healthz` and `/metrics`' },
  RELAY_STUN_PORT: { standard: 3478, what: 'UDP port for STUN; 0 for none. Nodes expect 3478' },
  RELAY_DRAIN_SECONDS: { standard: 30, what: 'how long open circuits may take to end at shutdown' },
  RELAY_NODES: {
    standard: ordinaryLimits.nodes,
    what: 'connections in all, and places to be reached at in all; a node holds one of each',
  },
  RELAY_CONNECTIONS_PER_NODE: {
    standard: ordinaryLimits.connectionsPerNode,
    what: 'connections of one node at once; beyond it, its oldest is closed',
  },
  RELAY_CIRCUITS_PER_NODE: {
    standard: ordinaryLimits.circuitsPerNode,
    what: 'circuits that one node holds open to others',
  },
  RELAY_CIRCUITS_PER_MINUTE: {
    standard: ordinaryLimits.circuitsPerMinute,
    what: 'circuits that one node opens in a minute',
  },
  RELAY_CIRCUITS_PER_HOUR: {
    standard: ordinaryLimits.circuitsPerHour,
    what: 'circuits that one node opens in an hour',
  },
  RELAY_CIRCUITS_TO_NODE: {
    standard: ordinaryLimits.circuitsToNode,
    what: 'circuits that others hold open to one node',
  },
  RELAY_CIRCUIT_BYTES: {
    standard: ordinaryLimits.circuitBytes,
    what: 'bytes that one circuit carries, both ways together; 0: no limit',
  },
  RELAY_CIRCUIT_SECONDS: {
    standard: ordinaryLimits.circuitSeconds,
    what: 'seconds that one circuit lasts; 0: no limit',
  },
  RELAY_CONNECTIONS_PER_SECOND: {
    standard: ordinaryLimits.connectionsPerSecond,
    what: 'new connections a second from one address; behind a proxy all come from one',
  },
  RELAY_CONNECTIONS_PER_ADDRESS: {
    standard: ordinaryLimits.connectionsPerAddress,
    what: 'connections of one address at once (of IPv6, of its first 64 bits); 0: no limit',
  },
  RELAY_CONNECTIONS_PER_ADDRESS_AND_HOUR: {
    standard: ordinaryLimits.connectionsPerAddressAndHour,
    what: 'new connections of one address in an hour; 0: no limit',
  },
  RELAY_CIRCUITS_PER_ADDRESS_AND_HOUR: {
    standard: ordinaryLimits.circuitsPerAddressAndHour,
    what: 'circuits that nodes of one address open in an hour; 0: no limit',
  },
  RELAY_PROXIES: {
    standard: ordinaryLimits.proxies.join(','),
    what: 'numeric addresses, with commas between, that the three limits above leave alone: a proxy of your own, which all come from',
  },
} as const satisfies Record<string, Setting>;

type Name = keyof typeof settings;
type Given = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly announce: readonly string[];
  readonly keyFile: string;
  readonly statusHost: string;
  readonly statusPort: number;
  readonly stunPort: number;
  readonly drainMs: number;
  readonly limits: RelayLimits;
}

/** Throws an `Error` that names the setting and what it wants. */
export function readSettings(environment: Given, file: string | null = null): Settings {
  const given = { ...(file === null ? {} : readFile(file)), ...environment };
  const text = (name: Name) => given[name]?.trim() ?? String(settings[name].standard);
  const whole = (name: Name, least: number, largest = most) => {
    const value = Number(text(name));
    if (text(name) !== '' && Number.isInteger(value) && value >= least && value <= largest) {
      return value;
    }
    throw new Error(
      `${name} wants a whole number from ${least} to ${largest}, not "${text(name)}".`,
    );
  };
  const numeric = (name: Name) => {
    if (isIP(text(name)) !== 0) return text(name);
    throw new Error(`${name} wants a numeric address, not "${text(name)}".`);
  };
  return {
    host: numeric('RELAY_HOST'),
    port: whole('RELAY_PORT', 0, 65_535),
    announce: readAddresses(text('RELAY_ANNOUNCE')),
    keyFile: text('RELAY_KEY_FILE'),
    statusHost: numeric('RELAY_STATUS_HOST'),
    statusPort: whole('RELAY_STATUS_PORT', 0, 65_535),
    stunPort: whole('RELAY_STUN_PORT', 0, 65_535),
    drainMs: whole('RELAY_DRAIN_SECONDS', 0, 86_400) * 1_000,
    limits: {
      nodes: whole('RELAY_NODES', 1),
      connectionsPerNode: whole('RELAY_CONNECTIONS_PER_NODE', 1),
      circuitsPerNode: whole('RELAY_CIRCUITS_PER_NODE', 1),
      circuitsPerMinute: whole('RELAY_CIRCUITS_PER_MINUTE', 1),
      circuitsToNode: whole('RELAY_CIRCUITS_TO_NODE', 1),
      circuitBytes: whole('RELAY_CIRCUIT_BYTES', 0, Number.MAX_SAFE_INTEGER),
      circuitSeconds: whole('RELAY_CIRCUIT_SECONDS', 0, 2_000_000),
      circuitsPerHour: whole('RELAY_CIRCUITS_PER_HOUR', 1),
      connectionsPerSecond: whole('RELAY_CONNECTIONS_PER_SECOND', 1),
      connectionsPerAddress: whole('RELAY_CONNECTIONS_PER_ADDRESS', 0),
      connectionsPerAddressAndHour: whole('RELAY_CONNECTIONS_PER_ADDRESS_AND_HOUR', 0),
      circuitsPerAddressAndHour: whole('RELAY_CIRCUITS_PER_ADDRESS_AND_HOUR', 0),
      proxies: readProxies(text('RELAY_PROXIES')),
    },
  };
}

/** A name that is misspelt would silently leave a limit at its standard. */
function readFile(file: string): Given {
  const found = parseEnv(readFileSync(file, 'utf8'));
  const strange = Object.keys(found).filter((name) => !(name in settings));
  if (strange.length > 0) throw new Error(`${file}: there is no setting ${strange.join(', ')}.`);
  return found;
}

function readProxies(text: string): string[] {
  const proxies = text.split(',').map((one) => one.trim());
  const wrong = proxies.find((one) => one !== '' && isIP(one) === 0);
  if (wrong !== undefined)
    throw new Error(`RELAY_PROXIES wants numeric addresses, not "${wrong}".`);
  return proxies.filter((one) => one !== '');
}

function readAddresses(text: string): string[] {
  const addresses = text.split(',').map((one) => one.trim());
  return addresses
    .filter((address) => address !== '')
    .map((address) => {
      try {
        return multiaddr(address).toString();
      } catch {
        throw new Error(`RELAY_ANNOUNCE wants multiaddrs, not "${address}".`);
      }
    });
}

/** The relay's secret; the first start makes it, for its owner's eyes only. */
export async function readKey(file: string): Promise<Uint8Array> {
  if (!existsSync(file)) {
    const made = (await generateKeyPair('secp256k1')).raw;
    writeFileSync(file, `${Buffer.from(made).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  }
  const hex = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`${file} holds no key: 64 hex digits.`);
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** Name, standard value, meaning. */
export function settingRows(): string[][] {
  return Object.entries(settings).map(([name, { standard, what }]) => [
    `\`${name}\``,
    standard === '' ? '' : `\`${standard}\``,
    what,
  ]);
}
