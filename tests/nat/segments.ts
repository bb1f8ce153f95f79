/**
 * The internet in a few network namespaces of this machine, with addresses that lead nowhere else: a public segment, and phones
 * on all sides of it, each behind a router or not. Linux and root only. Every name starts with `gg-`, and nothing outside is touched.
 *
 *   gg-public 198.51.100.1 (relay, STUN, practice network)
 *      |-- gg-nat-a 198.51.100.11 | 192.168.1.1 -- gg-a 192.168.1.2
 *      |-- gg-nat-b 198.51.100.12 | 192.168.1.1 -- gg-b 192.168.1.2
 *      `-- ... and so on to l
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { addCable } from './cables.ts';

/** What stands between a phone and the public segment. */
export const KINDS = ['open', 'cone', 'symmetric', 'blocked'] as const;
export type Kind = (typeof KINDS)[number];

/** Cables to routers that lose packets, and long ones; a network that goes in the middle of a ride comes back as another one. */
export const FAULTS = ['lossy', 'slow', 'handover'] as const;
export type Fault = (typeof FAULTS)[number];

/** Of the public segment, with one phone each. */
export const SIDES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'] as const;
export type Side = (typeof SIDES)[number];

export const PUBLIC = 'gg-public';
export const PUBLIC_ADDRESS = '198.51.100.1';
/** Where `ip netns` keeps them. */
const NAMESPACES = '/run/netns';
const BRIDGE = 'gg-bridge';

/** Of that side's router, and after it was replugged. */
function publicAddressOf(side: Side): string {
  return `198.51.100.${11 + SIDES.indexOf(side)}`;
}

function otherAddressOf(side: Side): string {
  return `198.51.100.${111 + SIDES.indexOf(side)}`;
}

/** Where that side's browser runs. */
export function phoneNamespace(side: Side): string {
  return `gg-${side}`;
}

function routerNamespace(side: Side): string {
  return `gg-nat-${side}`;
}

/** Commands that are not there, or nothing. */
export function missingTools(): string[] {
  const wanted = [
    ['ip', ['-V']],
    ['nft', ['-v']],
    ['turnserver', ['--version']],
  ] as const;
  return wanted.filter(([name, args]) => spawnSync(name, args).error).map(([name]) => name);
}

export function addPublic(): void {
  run('ip', ['netns', 'add', PUBLIC]);
  ip(PUBLIC, 'link set lo up');
  ip(PUBLIC, `link add ${BRIDGE} type bridge`);
  ip(PUBLIC, `address add ${PUBLIC_ADDRESS}/24 dev ${BRIDGE}`);
  ip(PUBLIC, `link set ${BRIDGE} up`);
}

/** Anew, whatever stood on that side. */
export function addSide(side: Side, kind: Kind, faults: readonly Fault[] = []): void {
  removeSide(side);
  const phone = phoneNamespace(side);
  run('ip', ['netns', 'add', phone]);
  // An address that a link gives itself a second later is a change of network to a browser that has started by then.
  within(phone, ['sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
  ip(phone, 'link set lo up');
  if (kind === 'open') return plug(side, phone);

  const router = routerNamespace(side);
  run('ip', ['netns', 'add', router]);
  ip(router, 'link set lo up');
  plug(side, router);
  if (faults.includes('slow')) addCable(phone, router);
  else ip(router, `link add lan type veth peer name lan netns ${phone}`);
  ip(router, 'address add 192.168.1.1/24 dev lan');
  ip(router, 'link set lan up');
  ip(phone, 'address add 192.168.1.2/24 dev lan');
  ip(phone, 'link set lan up');
  // Without a default route a browser finds no address of its own.
  ip(phone, 'route add default via 192.168.1.1');
  within(router, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  setRouter(side, kind, faults.includes('lossy'));
}

/** From now on that side's router is of that kind; what goes through it already goes on. */
export function setRouter(side: Side, kind: Exclude<Kind, 'open'>, isLossy = false): void {
  within(routerNamespace(side), ['nft', '-f', '-'], `flush ruleset\n${rules(kind, isLossy)}`);
}

/** That side's phone has no network until it is plugged in elsewhere. */
export function unplug(side: Side): void {
  ip(phoneNamespace(side), 'link set lan down');
}

/** Its router and itself have other addresses than before. */
export function replugElsewhere(side: Side): void {
  const [phone, router] = [phoneNamespace(side), routerNamespace(side)];
  ip(router, `address delete ${publicAddressOf(side)}/24 dev wan`);
  ip(router, `address add ${otherAddressOf(side)}/24 dev wan`);
  ip(router, `route replace default via ${PUBLIC_ADDRESS}`);
  ip(router, 'address add 192.168.7.1/24 dev lan');
  ip(phone, 'address flush dev lan');
  ip(phone, 'address add 192.168.7.2/24 dev lan');
  ip(phone, 'link set lan up');
  ip(phone, 'route replace default via 192.168.7.1');
}

/** Ends what runs in our namespaces, and removes them. */
export function removeAll(): void {
  const all = existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : [];
  for (const name of all) if (name.startsWith('gg-') && name !== PUBLIC) remove(name);
  remove(PUBLIC);
}

/**
 * What Linux masquerading makes of a router. It keeps a phone's port while nothing else has it, whoever the packets go to, and lets
 * in only who was spoken to first: a port-restricted cone. With `fully-random` each destination gets a port of its own. A packet
 * to the router itself is dropped before it leaves a trace, or the trace would take the phone's port away. A lossy one loses
 * every twentieth packet, by chance, either way.
 */
function rules(kind: Exclude<Kind, 'open'>, isLossy: boolean): string {
  const how = kind === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade';
  return `
table ip nat {
  chain out { type nat hook postrouting priority srcnat; oifname "wan" ${how}; }
}
table ip filter {
  chain in { type filter hook input priority filter; iifname "wan" ct state new drop; }
  chain through {
    type filter hook forward priority filter; policy drop;
    ${isLossy ? 'numgen random mod 100 < 5 drop;' : ''}
    ${kind === 'blocked' ? 'meta l4proto udp drop;' : ''}
    ct state established,related accept
    iifname "lan" accept
  }
}`;
}

/** A cable from the namespace's `wan` to the public segment. */
function plug(side: Side, namespace: string): void {
  ip(PUBLIC, `link add gg-to-${side} type veth peer name wan netns ${namespace}`);
  ip(PUBLIC, `link set gg-to-${side} master ${BRIDGE} up`);
  ip(namespace, `address add ${publicAddressOf(side)}/24 dev wan`);
  ip(namespace, 'link set wan up');
  ip(namespace, `route add default via ${PUBLIC_ADDRESS}`);
}

function removeSide(side: Side): void {
  remove(phoneNamespace(side));
  remove(routerNamespace(side));
  // Its end in the router's namespace is gone a moment after the namespace is.
  spawnSync('ip', ['-n', PUBLIC, 'link', 'delete', `gg-to-${side}`]);
}

function remove(namespace: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  for (const pid of (pids.stdout ?? '').split('\n').filter(Boolean).map(Number)) {
    try {
      if (pid !== process.pid) process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'delete', namespace]);
}

function ip(namespace: string, words: string): void {
  run('ip', ['-n', namespace, ...words.split(' ')]);
}

function within(namespace: string, command: readonly string[], input = ''): void {
  run('ip', ['netns', 'exec', namespace, ...command], input);
}

function run(command: string, args: readonly string[], input = ''): void {
  const { status, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
