/** `npm run lab` as testers run it, with its example script. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Connections } from '../lab/table.ts';
import { expect, test } from './test.ts';

const root = resolve(import.meta.dirname, '../..');

interface Report {
  readonly nodes: number;
  readonly connections: readonly Connections[];
  readonly kept: readonly string[];
  readonly failures: readonly string[];
  readonly result: Readonly<Record<string, number>>;
}

test('the lab runs its example script on three phones, and keeps what they looked like', async () => {
  test.setTimeout(600_000);
  const said = ['--nodes', '3', '--script', 'tests/lab/ride.ts', '--json'];
  const lab = spawn(process.execPath, [resolve(root, 'tools/lab.ts'), ...said], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report = JSON.parse(await text(lab.stdout)) as Report;
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
