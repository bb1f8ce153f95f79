/** A relay's settings, its secret key, and what it says to Prometheus and to STUN. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stunServers } from '../../src/lib/adapters/network/addresses.ts';
import { ordinaryLimits } from '../../src/relay/limits.ts';
import { prometheusText } from '../../src/relay/metrics.ts';
import { readKey, readSettings } from '../../src/relay/settings.ts';
import { stunAnswer } from '../../src/relay/stun.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gig-gossip-relay-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('with nothing said a relay has its ordinary limits', () => {
  const settings = readSettings({});
  expect(settings.limits).toEqual(ordinaryLimits);
  expect(settings).toMatchObject({ host: '0.0.0.0', statusHost: '127.0.0.1', announce: [] });
});

test('the environment goes before the file, and the file before what is ordinary', async () => {
  const file = join(folder, 'relay.env');
  await writeFile(file, '# ours\nRELAY_NODES=7\nRELAY_CIRCUIT_BYTES=0\nRELAY_HOST="::"\n');
  const environment = { RELAY_NODES: '9', RELAY_ANNOUNCE: '/dns4/r.example/tcp/443/wss, ' };
  const { limits, host, announce } = readSettings(environment, file);
  expect(limits).toEqual({ ...ordinaryLimits, nodes: 9, circuitBytes: 0 });
  expect([host, announce]).toEqual(['::', ['/dns4/r.example/tcp/443/wss']]);
});

test.for([
  ['RELAY_PORT', '70000'],
  ['RELAY_NODES', '0'],
  ['RELAY_NODES', 'many'],
  ['RELAY_CIRCUIT_SECONDS', '1.5'],
  ['RELAY_HOST', 'relay.example.org'],
  ['RELAY_PROXIES', '192.0.2.1, proxy.example.org'],
  ['RELAY_ANNOUNCE', 'wss://relay.example.org'],
])('%s=%s is refused by name', ([name, value]) => {
  expect(() => readSettings({ [name!]: value })).toThrow(`${name} wants`);
});

test('a misspelt setting of the file is refused, not ignored', async () => {
  const file = join(folder, 'relay.env');
  await writeFile(file, 'RELAY_NODE=7\n');
  expect(() => readSettings({}, file)).toThrow('there is no setting RELAY_NODE');
});

test('the key is made once, for its owner alone, and a damaged one is not replaced', async () => {
  const file = join(folder, 'relay.key');
  const made = await readKey(file);
  expect(made.length).toBe(32);
  expect(await readKey(file)).toEqual(made);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, 'torn');
  await expect(readKey(file)).rejects.toThrow('holds no key');
  expect(await readFile(file, 'utf8')).toBe('torn');
});

test('numbers are written as Prometheus reads them', () => {
  const samples = [{ value: 3, labels: { limit: 'a"b\\c\nd', of: 'e' } }, { value: 0.5 }];
  expect(prometheusText([{ name: 'x_total', type: 'counter', help: 'All\nof it.', samples }])).toBe(
    [
      '# HELP x_total All\\nof it.',
      '# TYPE x_total counter',
      'x_total{limit="a\\"b\\\\c\\nd",of="e"} 3',
      'x_total 0.5',
      '',
    ].join('\n'),
  );
});

/** RFC 5769, 2.2 and 2.3: the transaction and the mapped addresses of its sample answers. */
const TRANSACTION = 'b7e7a701bc34d686fa87dfae';
const request = (type = '0001', magic = '2112a442') =>
  Buffer.from(`${type}0000${magic}${TRANSACTION}`, 'hex');

test.for([
  ['192.0.2.1', '002000080001a147e112a643'],
  ['2001:db8:1234:5678:11:2233:4455:6677', '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9'],
])('STUN tells %s as in the samples of RFC 5769', ([address, attribute]) => {
  const answer = stunAnswer(request(), { address: address!, port: 32_853 })!;
  expect(answer.subarray(20).toString('hex')).toBe(attribute);
  expect(answer.subarray(0, 2).toString('hex')).toBe('0101');
  expect(answer.readUInt16BE(2)).toBe(answer.length - 20);
  expect(answer.subarray(4, 20)).toEqual(request().subarray(4, 20));
});

test('short addresses are whole ones', () => {
  const of = (address: string) => stunAnswer(request(), { address, port: 1 })!.toString('hex');
  expect(of('2001:db8::7')).toBe(of('2001:db8:0:0:0:0:0:7'));
  expect(of('fe80::1%eth0')).toBe(of('fe80:0:0:0:0:0:0:1'));
});

test('whatever is no binding request gets no answer', () => {
  const from = { address: '192.0.2.1', port: 1 };
  for (const message of [request('0101'), request('0001', '00000000'), Buffer.alloc(7)]) {
    expect(stunAnswer(message, from)).toBeNull();
  }
});

test('nodes ask the relays that they are on, and nobody on their own machine', () => {
  expect(
    stunServers([
      '/ip4/127.0.0.1/tcp/80/ws/p2p/x',
      '/dns4/a.example/tcp/443/wss/p2p/x',
      '/dns4/a.example/tcp/444/wss/p2p/y',
      '/ip6/2001:db8::7/tcp/80/ws',
      '/ip4/203.0.113.7/tcp/80/ws',
      '/unix/x',
    ]),
  ).toEqual([{ urls: 'stun:a.example:3478' }, { urls: 'stun:[2001:db8::7]:3478' }]);
});
