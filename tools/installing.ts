/** Browsers of the system, and how Debian's are installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const asRoot = process.getuid?.() === 0;

/** The first program of these names on the PATH, or else of these paths, that runs. */
export function program(
  names: readonly string[],
  paths: readonly string[] = [],
): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...paths].find((path) => existsSync(path) && runs(path));
}

/** Some systems have a stand-in that only says how to install the real one. */
function runs(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}

/** Answers whether it could be tried: as root on Debian. */
export function installFromDebian(packages: readonly string[]): boolean {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!asRoot || !/^ID=debian$/m.test(release)) return false;
  command('apt-get', ['update']);
  command('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
  return true;
}

/** Runs an installer; its talk is shown only when it fails. */
export function command(name: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stdout, stderr } = spawnSync(name, args, { env, maxBuffer: 64 << 20 });
  if (status !== 0) console.error(error?.message ?? `${name} failed:\n${stdout}${stderr}`);
}
