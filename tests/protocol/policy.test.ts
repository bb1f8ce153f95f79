import { describe, expect, test } from 'vitest';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { expectedHashes } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { settlerRoot } from '../../src/lib/protocol/node/state.ts';
import { defaultPolicy, ruleFor, type Policy } from '../../src/lib/protocol/policy.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { sent } from './play.ts';
import { driveOn, driveTo, ride } from './town.ts';

const { request, payloadId } = cast;

function setPolicy(node: Node, policy: Partial<Policy>): string | null {
  const command = { command: 'setPolicy', policy } as const;
  const effects = stepNode(node, { on: 'command', command }, cast.nowMs, cast.seedOf('policy'));
  const notices = effects.flatMap((effect) => (effect.do === 'notify' ? [effect.notice] : []));
  const rejected = notices.find((notice) => notice.view === 'rejected');
  return rejected?.view === 'rejected' ? rejected.code : null;
}

/** What a node with this policy answers to an ask. */
function answered(policy: Partial<Policy>): Effect[] {
  const asker = new Neighbour(someNode(policy), 'asker');
  asker.work();
  return [...asker.ask(request).effects];
}
const conditions = (policy: Partial<Policy>) =>
  sent(answered(policy), 'conditions').frame as FrameOf<'conditions'>;
const decline = (policy: Partial<Policy>) =>
  (sent(answered(policy), 'decline').frame as FrameOf<'decline'>).reason;

describe("the owner's rules [NET-11, WRK-06]", () => {
  test('hold for every kind of topic, but where a kind has its own', () => {
    const policy = { ...defaultPolicy, kinds: { taxi: { workMs: 5, feeMsat: 7_000n } } };
    expect(ruleFor(policy, 'taxi')).toEqual({
      carry: true,
      workScheme: 'sha256',
      workMs: 5,
      priceMsat: 0n,
      feeMsat: 7_000n,
      routeFeeMsat: defaultPolicy.routeFeeMsat,
    });
    expect(ruleFor(policy, 'stay').workMs).toBe(defaultPolicy.workMs);
  });

  test('work and fee of the kind that is asked for are what is quoted', () => {
    const taxi = { workMs: 2 ** -6, routeFeeMsat: 44_000n };
    const { workRequest, routingFeeMsat } = conditions({ kinds: { taxi } });
    expect(Math.round(expectedHashes(workRequest.powTarget))).toBe(2 ** 6);
    expect(routingFeeMsat).toBe(44_000n);
  });

  test('a kind that is not carried is declined, and so is everything by who carries nothing', () => {
    expect(decline({ kinds: { taxi: { carry: false } } })).toBe('kind');
    expect(decline({ carry: false, kinds: { taxi: { carry: true } } })).toBe('not-now');
  });

  test('work rises by a bit for every payment held', () => {
    const { m1 } = driveTo('matched');
    const held = [...m1.node.legs.values()].length;
    expect(held).toBe(1);
    const node = structuredClone(m1.node);
    node.policy = { ...node.policy, allowPeers: null, workMs: 2 ** -8 };
    const asker = new Neighbour(node, 'asker');
    asker.work();
    const frame = sent(asker.ask(request).effects, 'conditions').frame as FrameOf<'conditions'>;
    expect(Math.round(expectedHashes(frame.workRequest.powTarget))).toBe(2 ** 5);
  });

  test.each<[string, Partial<Policy>, string | null]>([
    ['as it is', {}, null],
    [
      'a route quoted below the own fee',
      { feeMsat: 11_000n, routeFeeMsat: 10_999n },
      'AMOUNT_TOO_SMALL',
    ],
    ['no neighbour at all', { fanout: 0 }, 'AMOUNT_TOO_SMALL'],
    ['half a neighbour', { fanout: 1.5 }, 'AMOUNT_TOO_SMALL'],
    ['everybody', { fanout: limits.maxFanout + 1 }, 'AMOUNT_TOO_LARGE'],
    ['never sent on', { multibroadcast: 0 }, 'AMOUNT_TOO_SMALL'],
    ['sent on for ever', { multibroadcast: limits.maxMultibroadcast + 1 }, 'AMOUNT_TOO_LARGE'],
    ['too much work for one kind', { kinds: { taxi: { workMs: 65_537 } } }, 'AMOUNT_TOO_LARGE'],
    ['work that is no number', { workMs: NaN }, 'AMOUNT_TOO_SMALL'],
    ['work of less than no time', { maxWorkMs: -1 }, 'AMOUNT_TOO_SMALL'],
    ['work for longer than conditions hold', { maxWorkMs: 600_001 }, 'AMOUNT_TOO_LARGE'],
    ['sats in place of work', { priceMsat: 1_000n, maxPayMsat: 1n, maxPayPerDayMsat: 1n }, null],
    ['less than a sat in place of work', { priceMsat: 999n }, 'AMOUNT_TOO_SMALL'],
    ['the same for one kind', { kinds: { taxi: { priceMsat: 999n } } }, 'AMOUNT_TOO_SMALL'],
    ['less than nothing for a neighbour', { maxPayMsat: -1n }, 'AMOUNT_TOO_SMALL'],
    ['less than nothing for a day', { maxPayPerDayMsat: -1n }, 'AMOUNT_TOO_SMALL'],
    [
      'more than a price may be',
      { maxPayPerDayMsat: limits.maxPriceMsat + 1n },
      'AMOUNT_TOO_LARGE',
    ],
    ['patience that is no number', { payAboveMs: NaN }, 'AMOUNT_TOO_SMALL'],
    ['patience beyond conditions', { payAboveMs: 600_001 }, 'AMOUNT_TOO_LARGE'],
    ['less than nothing for one kind', { kinds: { taxi: { feeMsat: -1n } } }, 'AMOUNT_TOO_SMALL'],
  ])('setPolicy: %s -- %s', (_name, policy, code) => {
    const node = someNode();
    const before = node.policy;
    expect(setPolicy(node, policy)).toBe(code);
    if (code !== null) expect(node.policy).toBe(before);
  });
});

/** Whitepaper: "If instead, the middleman is interested in accepting the job it becomes the replier." */
describe('a job that the owner wants [BRC-09]', () => {
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola, white Skoda' };

  /** m2 sits between customer and worker, and would take the job itself. */
  function between(policy: Partial<Policy>) {
    const made = ride();
    const { town, m2, customer, settler } = made;
    const root = settlerRoot(settler.node);
    const apply = { command: 'applyForCertificate', root, statement: 'It is me.' } as const;
    town.command(m2, { ...apply, name: 'worker' });
    town.command(m2, { command: 'setPolicy', policy });
    driveOn('posted', made);
    town.pass(10_000);
    const [payloadId] = customer.node.jobs.keys();
    town.command(m2, { command: 'makeOffer', payloadId: payloadId!, ...wish });
    town.pass(2_000);
    return { ...made, job: customer.node.jobs.get(payloadId!)!, payloadId: payloadId! };
  }

  test('is answered, and carried on unless its owner keeps it to itself', () => {
    const both = between({});
    expect(both.worker.node.heard.has(both.payloadId)).toBe(true);
    expect(both.job.offers).toHaveLength(1);

    const kept = between({ carryWanted: false });
    expect(kept.m2.node.heard.has(kept.payloadId)).toBe(true);
    expect(kept.worker.node.heard.has(kept.payloadId)).toBe(false);
    expect(kept.job.offers).toHaveLength(1);
  });

  test('what the owner does not want is carried all the same', () => {
    const carried = between({ carryWanted: false, interests: ['stay'] });
    expect(carried.worker.node.heard.has(carried.payloadId)).toBe(true);
  });
});

describe('multibroadcast', () => {
  /** How often a node tells its only other neighbour of a topic that comes to it from three. */
  function timesTold(multibroadcast: number): number {
    const node = someNode({ multibroadcast });
    const from = ['one', 'two', 'three'].map((name) => new Neighbour(node, name));
    const next = new Neighbour(node, 'next');
    let told = 0;
    for (const neighbour of from) {
      neighbour.work();
      const asked = neighbour.ask(request);
      if (asked.effects.some((effect) => effect.do === 'send' && effect.frame.kind === 'decline')) {
        continue;
      }
      const effects = neighbour.broadcast(request, asked);
      const isToNext = (effect: Effect) =>
        (effect.do === 'mine' && effect.id.endsWith(next.device.peer)) ||
        (effect.do === 'send' && effect.to === next.device.peer);
      const waiting = node.waitingAsks.get(next.device.peer) ?? [];
      if (effects.some(isToNext) || waiting.length > told) told++;
    }
    return told;
  }

  test.each([1, 2, 3])(
    'a topic is sent on %i times, however often it comes [BRC-06, ASK-05]',
    (n) => {
      expect(timesTold(n)).toBe(n);
    },
  );

  test('each time with another onion: another way home [BRC-04, ONI-05]', () => {
    const node = someNode({ multibroadcast: 2 });
    const [one, two] = [new Neighbour(node, 'one'), new Neighbour(node, 'two')];
    one.work();
    two.work();
    one.broadcast(request, one.ask(request));
    two.broadcast(request, two.ask(request));
    const slots = [...node.passages.values()].flatMap((passage) =>
      passage.state === 'Carrying' ? [passage.slot] : [],
    );
    expect(new Set(slots).size).toBe(2);
    expect(node.payloads.get(payloadId)).toBe(2);
  });

  test('a copy never goes back to where it came from [BRC-08]', () => {
    const node = someNode({ multibroadcast: 3 });
    const near = ['one', 'two', 'three'].map((name) => new Neighbour(node, name));
    for (const neighbour of near) {
      neighbour.work();
      neighbour.broadcast(request, neighbour.ask(request));
    }
    const asked = near.map(({ device }) => node.waitingAsks.get(device.peer)?.length ?? 0);
    // Each is asked for the copies of both others, and not for its own.
    expect(asked).toEqual([2, 2, 2]);
  });

  test('our own job is never carried for others', () => {
    const { customer, m1 } = driveTo('posted');
    const [own] = [...customer.node.jobs.keys()];
    expect(customer.node.payloads.get(own!)).toBe(Infinity);
    expect(m1.node.payloads.get(own!)).toBe(1);
  });
});
