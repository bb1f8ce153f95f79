/**
 * Long cables: a TAP device at either end, and between them a process that gives every Ethernet frame its time, since this kernel
 * need not have netem. Node cannot open such a device; perl, which every Debian has, opens one in each namespace, one after the
 * other, and becomes `cable.ts`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';

/** Where programs get Ethernet devices of their own. */
const TAP = '/dev/net/tun';

/** Opens the TAP device `lan` where it runs, and becomes its arguments with the descriptor as one more. */
const OPEN_TAP = `
  $^F = 255;
  open(my $tap, '+<', '${TAP}') or die "${TAP}: $!";
  my ($IFF_TAP, $IFF_NO_PI, $TUNSETIFF) = (0x0002, 0x1000, 0x400454ca);
  ioctl($tap, $TUNSETIFF, pack('a16 S x22', 'lan', $IFF_TAP | $IFF_NO_PI)) or die "lan: $!";
  exec @ARGV, fileno $tap;
`;

/** Looks whether a cable is plugged in, and ms from one to the next. */
const TRIES = 100;
const TRY_MS = 100;

/** What is not there of what they need, or nothing. */
export function missingForCables(): string[] {
  const isPerlMissing = spawnSync('perl', ['-v']).error !== undefined;
  return [...(isPerlMissing ? ['perl'] : []), ...(existsSync(TAP) ? [] : [TAP])];
}

/** A `lan` in both namespaces, as of a cable between them. It ends with either, and with this process. */
export function addCable(phone: string, router: string): void {
  for (const end of [phone, router]) {
    ip(end, 'tuntap', 'add', 'lan', 'mode', 'tap');
    ip(end, 'link', 'set', 'lan', 'up');
  }
  const opened = (end: string) => ['netns', 'exec', end, 'perl', '-e', OPEN_TAP];
  const script = join(import.meta.dirname, 'cable.ts');
  const command = [...opened(phone), 'ip', ...opened(router), process.execPath, script];
  const cable = spawn('ip', command, { stdio: ['pipe', 'ignore', 'inherit'] });
  cable.unref();
  (cable.stdin as Socket).unref();
  // A browser whose network comes up under it gives up what it loads.
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; !isPlugged(phone) || !isPlugged(router); tries++) {
    if (tries === TRIES) throw new Error('the long cable was not plugged in');
    Atomics.wait(wait, 0, 0, TRY_MS);
  }
}

function isPlugged(namespace: string): boolean {
  return ip(namespace, 'link', 'show', 'lan').includes('LOWER_UP');
}

function ip(namespace: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', ['-n', namespace, ...words]);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
