/** `npm run lab` as testers run it: with its example script, and with a mesh, here for seconds. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { MeshResult } from '../lab/mesh.ts';
import type { Connections } from '../lab/table.ts';
import { expect, test } from './test.ts';

const root = resolve(import.meta.dirname, '../..');

/** Of a page's heaps and buffers; it has about 16 MB, more with more neighbours. */
const MOST_BYTES = 40_000_000;

interface Report<Result> {
  readonly nodes: number;
  readonly connections: readonly Connections[];
  readonly kept: readonly string[];
  readonly failures: readonly string[];
  readonly result: Result;
}

async function runLab<Result>(...said: readonly string[]): Promise<Report<Result>> {
  const tool = resolve(root, 'tools/lab.ts');
  const lab = spawn(process.execPath, [tool, ...said, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(lab.stdout)) as Report<Result>;
}

test('the lab runs its example script on three phones, and keeps what they looked like', async () => {
  test.setTimeout(600_000);
  const script = ['--script', 'tests/lab/ride.ts'];
  const report = await runLab<Record<string, number>>('--nodes', '3', ...script);
  expect(report).toMatchObject({ nodes: 3, failures: [] });

  const { 'phone-1': customer, 'phone-2': worker, 'phone-3': other } = report.result;
  expect(worker).toBe(1_012_000);
  expect(customer).toBeLessThan(988_000);
  expect(other).toBeGreaterThanOrEqual(1_000_000);

  expect(report.connections.map(({ phone }) => phone)).toEqual(['phone-1', 'phone-2', 'phone-3']);
  for (const { phone, key, phones, others } of report.connections) {
    expect(key, phone).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(Object.keys(phones).length + others.direct, phone).toBeGreaterThan(0);
  }
  expect(report.kept).toHaveLength(6);
  for (const file of report.kept)
    expect(statSync(resolve(root, file)).size, file).toBeGreaterThan(0);
});

test('three phones of a mesh are directly connected, hear jobs, and have their memory read [NET-03]', async () => {
  test.setTimeout(600_000);
  const mesh = ['--trace', 'off', '--script', 'tests/lab/mesh.ts', '--minutes', '0.2'];
  const { connections, result } = await runLab<MeshResult>('--nodes', '3', ...mesh);
  const names = ['phone-1', 'phone-2', 'phone-3'];
  for (const { phone, phones } of connections) {
    const others = names.filter((name) => name !== phone);
    expect(phones, phone).toEqual(Object.fromEntries(others.map((name) => [name, 'direct'])));
  }
  expect(result).toMatchObject({ lostForGood: [], disconnections: [] });
  expect(result.jobs).toBeGreaterThanOrEqual(2);
  expect(result.phones.map(({ phone }) => phone)).toEqual(names);
  for (const { ratio, readings } of result.phones) {
    expect(readings).toHaveLength(2);
    const [first, last] = readings.map(({ kept }) => kept);
    expect(first).toBeGreaterThan(1_000_000);
    expect(last).toBeLessThan(MOST_BYTES);
    expect(ratio).toBeCloseTo(last! / first!, 2);
    for (const { openConnections } of readings) expect(openConnections).toBe(2);
  }
});
