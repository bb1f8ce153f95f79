import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/lib/protocol/frame.ts';
import { isFraudFrame } from '../../src/lib/protocol/job/fraud-proof.ts';
import type { Effect, Event } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import * as cast from './cast.ts';
import { garbage, mutated } from './garbage.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { frames } from './samples.ts';
import { driveTo, type Seat } from './town.ts';

const seed = cast.seedOf('a step');
const obligations = ['store', 'payInvoice', 'settleInvoice', 'issueInvoice', 'cancelInvoice'];
const obliging = (effects: readonly Effect[]) =>
  effects.filter((effect) => obligations.includes(effect.do)).map((effect) => effect.do);

describe('a node that nobody owes anything', () => {
  /** A settler itself, with a job that it heard of: as much as a node can be talked into. */
  function willing(): { node: Node; neighbour: Neighbour } {
    const node = someNode();
    const wallet = { alias: '', network: 'regtest', height: 1_000, balanceMsat: 10n ** 9n };
    stepNode(
      node,
      { on: 'walletReady', canHold: true, shadowBlocks: 0, ...wallet },
      cast.nowMs,
      seed,
    );
    const command = { command: 'becomeSettler', name: 'Somebody' } as const;
    stepNode(node, { on: 'command', command }, cast.nowMs, seed);
    const neighbour = new Neighbour(node, 'hostile');
    neighbour.work();
    neighbour.broadcast(cast.request, neighbour.ask(cast.request));
    return { node, neighbour };
  }
  const { node, neighbour } = willing();
  const { peer } = neighbour.device;
  let nowMs = cast.nowMs;

  function hear(bytes: Uint8Array): void {
    nowMs += 10; // the bucket fills
    expect(obliging(stepNode(node, { on: 'received', peer, bytes }, nowMs, seed))).toEqual([]);
  }

  test('never throws, never obliges itself: noise', () => {
    fc.assert(fc.property(garbage, hear), { numRuns: 300 });
  });

  test("never throws, never obliges itself: other people's frames, whole and tampered with", () => {
    // A worker with a good certificate may ask any settler for a draft: that one is taken at its word.
    // A proof that holds is kept, whoever brings it, and so is a revocation list.
    const kept = ['draftRequest', 'revocationList'];
    const others = Object.values(frames).filter(
      (frame) => !kept.includes(frame.kind) && !isFraudFrame(frame),
    );
    const encoded = others.map(encodeFrame);
    for (const bytes of encoded) hear(bytes);
    fc.assert(fc.property(mutated(encoded), hear), { numRuns: 300 });
  });
});

describe('a node in the middle of a ride', () => {
  /** A frame that arrived, and the node as it was. */
  interface Moment {
    readonly node: Node;
    readonly event: Extract<Event, { on: 'received' }>;
    readonly nowMs: number;
    readonly seed: Uint8Array;
    readonly honest: readonly Effect[];
  }

  function momentsOf({ options, life }: Seat): Moment[] {
    const node = createNode(options);
    return life.flatMap(({ event, nowMs, seed: own, effects: honest }) => {
      const before = event.on === 'received' ? structuredClone(node) : null;
      stepNode(node, event, nowMs, own);
      return event.on === 'received' && before
        ? [{ node: before, event, nowMs, seed: own, honest }]
        : [];
    });
  }
  const { town } = driveTo('confirmed');
  const moments = [...town.seats.values()].flatMap(momentsOf);
  /** By its place, so that a failure prints a number and not a whole node. */
  const place = fc.nat(moments.length - 1);
  const momentAt = (at: number) => moments[at]!;

  /** What is paid, settled or asked to be paid. */
  const money = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => {
      if (effect.do === 'payInvoice') return [`pay ${effect.invoice}`];
      if (effect.do === 'settleInvoice') return [`settle ${effect.paymentHash}`];
      if (effect.do === 'issueInvoice') return [`issue ${effect.paymentHash} ${effect.amountMsat}`];
      return [];
    });

  test('does nothing with money that the true frame would not make it do', () => {
    const tampered = place.chain((at) =>
      fc
        .oneof({ weight: 5, arbitrary: mutated([momentAt(at).event.bytes]) }, garbage)
        .map((bytes) => [at, bytes] as const),
    );
    const property = fc.property(tampered, ([at, bytes]) => {
      const { node, event, nowMs, seed: own, honest } = momentAt(at);
      const effects = stepNode(structuredClone(node), { ...event, bytes }, nowMs, own);
      const allowed = money(honest);
      for (const done of money(effects)) expect(allowed).toContain(done);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('hears every frame of the ride at every moment of it without a throw', () => {
    const property = fc.property(place, place, (at, other) => {
      const { node, event, nowMs } = momentAt(at);
      const { bytes } = momentAt(other).event;
      stepNode(structuredClone(node), { ...event, bytes }, nowMs, seed);
    });
    fc.assert(property, { numRuns: 200 });
  });
});
