import { describe, expect, test } from 'vitest';
import { toStored, type Notice } from '../../src/lib/protocol/index.ts';
import * as cast from '../protocol/cast.ts';
import { Bench } from './bench.ts';

const uri = 'nostr+walletconnect://wallet';
const connectWallet = { command: 'connectWallet', uri };
const useRelays = { command: 'useRelays', relays: ['/dns4/relay.example/tcp/443/wss'] };
const { peer, addresses } = cast.devices.settler;
const addSettler = { command: 'addSettler', root: cast.root.key, peer, addresses };

/** A node that started from an empty disk. */
function started(name?: string): Bench {
  const bench = new Bench(name);
  bench.answer();
  bench.since();
  return bench;
}

describe('order', () => {
  test('nothing is done before the disk was read', () => {
    const bench = new Bench();
    bench.tell('app', connectWallet);
    bench.tell('peers', { on: 'addresses', addresses: ['/memory/x'] });
    expect(bench.since()).toEqual(['store load']);
    bench.answer();
    expect(bench.since()).toEqual(['app node', 'app wallet', 'store write']);
  });

  test('nothing leaves a step before the disk has acknowledged it', () => {
    const bench = started();
    bench.tell('app', connectWallet);
    expect(bench.since()).toEqual(['store write']);
    bench.pass(1_000);
    expect(bench.since()).toEqual([]);
    const written = bench.answer();
    expect(bench.since()).toEqual(['wallet connectWallet', 'app wallet']);
    expect(written).toEqual([{ key: 'wallet', value: toStored(uri) }]);
  });

  test('what happens while a write is under way waits its turn, and is done in order', () => {
    const bench = started();
    bench.tell('app', connectWallet);
    bench.tell('app', useRelays);
    bench.tell('peers', { on: 'addresses', addresses: ['/memory/x'] });
    expect(bench.since()).toEqual(['store write']);
    bench.answer();
    expect(bench.since()).toEqual(['wallet connectWallet', 'app wallet', 'store write']);
    bench.answer();
    expect(bench.since()).toEqual(['peers useRelays', 'app node', 'app node']);
  });

  test('a step that stores nothing waits for nothing', () => {
    const bench = started();
    bench.tell('peers', { on: 'addresses', addresses: ['/memory/x'] });
    expect(bench.since()).toEqual(['app node']);
  });

  test('a step that stores one thing twice writes it once, as it is at the end', () => {
    const bench = started();
    bench.tell('app', addSettler);
    bench.tell('app', { ...addSettler, addresses: ['/memory/elsewhere'] });
    expect(bench.answer()).toHaveLength(1);
    expect(bench.answer().map(({ key }) => key)).toEqual([`settler/${cast.root.key}`]);
  });
});

describe('an end', () => {
  const stopped = (bench: Bench) =>
    bench.notices.flatMap((notice: Notice) => (notice.view === 'stopped' ? [notice.reason] : []));

  test('a disk that cannot be read stops the node', () => {
    const bench = new Bench();
    bench.fail('no such file');
    expect(stopped(bench)).toEqual(['storage failed: no such file']);
    bench.since();
    bench.tell('app', connectWallet);
    expect(bench.since()).toEqual([]);
  });

  test('a write that fails stops the node, and what waited for it never leaves', () => {
    const bench = started();
    bench.tell('app', connectWallet);
    bench.tell('app', useRelays);
    bench.since();
    bench.fail('the disk is full');
    expect(bench.since()).toEqual(['app stopped']);
    expect(stopped(bench)).toEqual(['storage failed: the disk is full']);
    bench.tell('peers', { on: 'addresses', addresses: ['/memory/x'] });
    bench.pass(86_400_000);
    expect(bench.since()).toEqual([]);
  });

  test.each(['wallet', `leg/${cast.idOf('hash')}`, `job/${cast.payloadId}`])(
    'memory that is damaged stops the node: %s',
    (key) => {
      const bench = new Bench();
      bench.answer([{ key, value: Uint8Array.of(1, 2, 3) }]);
      expect(stopped(bench)).toHaveLength(1);
      bench.since();
      bench.tell('app', connectWallet);
      expect(bench.since()).toEqual([]);
    },
  );

  test.each(['wallet', 'store'])('an adapter that throws stops the node: %s', (port) => {
    const bench = started();
    bench.broken = port;
    bench.tell('app', connectWallet);
    bench.answerAll();
    expect(stopped(bench)).toEqual([`${port} is broken`]);
    bench.broken = '';
    bench.since();
    bench.tell('app', useRelays);
    expect(bench.since()).toEqual([]);
  });

  test('a node that is told to stop hears and does nothing more, and says nothing', () => {
    const bench = started();
    bench.tell('app', connectWallet);
    bench.since();
    bench.runtime.stop();
    bench.answer();
    bench.tell('app', useRelays);
    bench.pass(86_400_000);
    expect(bench.since()).toEqual([]);
    expect(stopped(bench)).toEqual([]);
  });
});

describe('wakes', () => {
  test('a later wish for a key takes the place of the former', () => {
    const bench = started();
    const asks = () => bench.since().filter((entry) => entry === 'peers dial').length;
    bench.tell('app', addSettler); // asks the settler, and again in 5 s
    bench.answerAll();
    expect(asks()).toBe(1);
    bench.pass(3_000);
    bench.tell('app', addSettler); // and again in 5 s from here
    bench.answerAll();
    expect(asks()).toBe(1);
    bench.pass(2_000);
    expect(asks()).toBe(0);
    bench.pass(3_000);
    bench.answerAll();
    expect(asks()).toBe(1);
  });
});

test('the same events, times and seeds do the same twice', () => {
  const life = () => {
    const bench = new Bench('twin');
    bench.answer();
    for (const command of [connectWallet, useRelays, addSettler]) bench.tell('app', command);
    bench.answerAll();
    const wallet = {
      alias: 'w',
      network: 'regtest',
      canHold: true,
      shadowBlocks: 0,
      balanceMsat: 1n,
    };
    bench.tell('wallet', { on: 'walletReady', height: 1_000, ...wallet });
    bench.tell('peers', { on: 'connected', peer, direct: true, dialled: true });
    bench.tell('app', { command: 'becomeSettler', name: 'Somebody' });
    bench.answerAll();
    bench.pass(60_000);
    bench.answerAll();
    return { log: bench.log, sent: bench.sent, notices: bench.notices };
  };
  const once = life();
  expect(once.log.length).toBeGreaterThan(15);
  expect(life()).toEqual(once);
});
