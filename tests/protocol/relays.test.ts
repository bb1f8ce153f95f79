/** Relays: the owner's and those that peers name, remembered over restarts. */
import { expect, test } from 'vitest';
import type { Command } from '../../src/lib/protocol/commands.ts';
import { encodeFrame } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect, Event } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { nodeView } from '../../src/lib/protocol/node/views.ts';
import { helloOf, openSession } from '../../src/lib/protocol/overlay/session.ts';
import type { NodeView } from '../../src/lib/protocol/views.ts';
import * as cast from './cast.ts';

const own = '/dns4/own.example/tcp/443/wss';
const named = (host: string) => `/dns4/${host}.example/tcp/443/wss/p2p/16Uiu2HAm${host}`;
const through = (relay: string, name: string) => `${relay}/p2p-circuit/webrtc/p2p/16Uiu2HAm${name}`;

class Device {
  readonly disk = new Map<string, Uint8Array>();
  node: Node;
  used: readonly string[] = [];

  constructor() {
    this.node = this.start();
  }

  /** Again, from what it stored. */
  start(): Node {
    this.node = createNode({ secret: cast.seedOf('learner'), network: cast.network });
    this.used = [];
    const entries = [...this.disk].map(([key, value]) => ({ key, value }));
    this.step({ on: 'start', entries });
    return this.node;
  }

  step(event: Event): Effect[] {
    const effects = stepNode(this.node, event, cast.nowMs, cast.seedOf('relays'));
    for (const effect of effects) {
      if (effect.do === 'useRelays') this.used = effect.relays;
      if (effect.do !== 'store') continue;
      if (effect.value === null) this.disk.delete(effect.key);
      else this.disk.set(effect.key, effect.value);
    }
    return effects;
  }

  command(command: Command): Effect[] {
    return this.step({ on: 'command', command });
  }

  /** Somebody says that a peer is behind these relays; then the peer comes, and goes. */
  meet(name: string, ...relays: readonly string[]): void {
    const { peer, onionKey } = cast.device(name);
    const addresses = relays.map((relay) => through(relay, name));
    if (relays.length > 0) this.step({ on: 'introduced', peers: [{ peer, addresses }] });
    this.step({ on: 'connected', peer, direct: false, dialled: true });
    const ctx = cast.context({ self: peer, random: cast.dice(name) });
    const session = openSession(this.node.self, { direct: false, dialled: false }, ctx);
    const bytes = encodeFrame(helloOf(session, onionKey, ctx));
    this.step({ on: 'received', peer, bytes });
    this.step({ on: 'disconnected', peer, reason: 'gone' });
  }

  /** What the screen shows. */
  view(): NodeView {
    return nodeView(this.node);
  }

  down(address: string): void {
    this.step({ on: 'relay', address, connected: false, reason: 'does not answer' });
  }
}

function deviceWith(...relays: readonly string[]): Device {
  const device = new Device();
  device.command({ command: 'useRelays', relays });
  return device;
}

test('a relay that a peer is behind is used, beside its own, and shown as learned [NET-10, NET-13]', () => {
  const device = deviceWith(own);
  device.meet('a', named('other'));
  expect(device.used).toEqual([own, named('other')]);
  expect(device.view().relays.map(({ address, learned }) => [address, learned])).toEqual([
    [own, false],
    [named('other'), true],
  ]);
});

test('with no relay of its own, the one its settler is behind will do', () => {
  const device = deviceWith();
  const { peer } = cast.device('office');
  const addresses = [through(named('office'), 'office')];
  device.command({ command: 'addSettler', root: cast.root.key, peer, addresses });
  device.meet('office');
  expect(device.used).toEqual([named('office')]);
});

test('relays that were learned are remembered over a restart, in whatever order the disk tells', () => {
  const device = deviceWith(own);
  device.meet('a', named('other'));
  device.start();
  expect(device.used).toEqual([own, named('other')]);
  const turned = [...device.disk].reverse();
  device.disk.clear();
  for (const [key, value] of turned) device.disk.set(key, value);
  device.start();
  expect(device.used).toEqual([own, named('other')]);
});

test('a peer that was only introduced teaches nothing, and one that came teaches one', () => {
  const device = deviceWith(own);
  const { peer } = cast.device('a');
  const peers = [{ peer, addresses: [through(named('x'), 'a')] }];
  device.step({ on: 'introduced', peers });
  expect(device.used).toEqual([own]);
  device.meet('b', named('x'), named('y'));
  expect(device.used).toEqual([own, named('x')]);
});

test('a relay is known by where it is, with or without its name', () => {
  const device = deviceWith(own);
  device.meet('a', `${own}/p2p/16Uiu2HAmSame`);
  expect(device.used).toEqual([own]);
});

test.for([
  ['without a relay’s name', '/dns4/x.example/tcp/443/wss'],
  ['of a neighbour that introduces', '/p2p/16Uiu2HAmNeighbour'],
  ['that is malformed', '/dns4/x example/tcp/443/wss/p2p/16Uiu2HAmX'],
  ['that is too long', `/dns4/${'x'.repeat(limits.addressBytes)}/tcp/443/wss/p2p/16Uiu2HAmX`],
])('an address %s teaches nothing', ([, relay]) => {
  const device = deviceWith(own);
  device.meet('a', relay!);
  expect(device.used).toEqual([own]);
});

test('what is learned is bounded; a useless one makes room, and a good one never', () => {
  const device = deviceWith(own);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) device.meet(name, named(name));
  const learned = ['a', 'b', 'c', 'd'].map(named);
  expect(device.used).toEqual([own, ...learned]);
  for (const address of [own, named('b')]) device.down(address);
  device.meet('g', named('g'));
  expect(device.used).toEqual([own, ...learned.filter((one) => one !== named('b')), named('g')]);
  device.meet('h', named('h'));
  expect(device.used).not.toContain(named('h'));
});

test('the owner’s list goes before what was learned, up to as many as a node uses', () => {
  const device = deviceWith(own);
  device.meet('a', named('a'));
  const all = Array.from(
    { length: limits.addresses },
    (_, at) => `/dns4/${at}.example/tcp/443/wss`,
  );
  device.command({ command: 'useRelays', relays: all });
  expect(device.used).toEqual(all);
  device.meet('b', named('b'));
  expect(device.used).toEqual(all);
});

test('a learned relay that its owner lists is the owner’s', () => {
  const device = deviceWith(own);
  device.meet('a', named('a'));
  device.command({ command: 'useRelays', relays: [named('a')] });
  expect(device.used).toEqual([named('a')]);
  expect(device.view().relays[0]).toMatchObject({ learned: false });
});

test('an owner who wants no others gets none, and loses those that were learned [NET-11]', () => {
  const device = deviceWith(own);
  device.meet('a', named('a'));
  device.command({ command: 'useRelays', relays: [own], learn: false });
  expect([device.used, device.view().learnsRelays]).toEqual([[own], false]);
  device.start();
  device.meet('b', named('b'));
  expect([device.used, device.view().learnsRelays]).toEqual([[own], false]);
  device.command({ command: 'useRelays', relays: [own], learn: true });
  device.meet('c', named('c'));
  expect(device.used).toEqual([own, named('c')]);
});
