/** How a node takes what it is told of liars, and what it notices itself. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/lib/protocol/frame.ts';
import type { PromiseId } from '../../src/lib/protocol/ids.ts';
import { equivocation, lockFraud } from '../../src/lib/protocol/job/fraud-proof.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { comparePromise } from '../../src/lib/protocol/node/evidence.ts';
import { isDistrusted } from '../../src/lib/protocol/node/fraud-states.ts';
import { beginTurn } from '../../src/lib/protocol/node/state.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { bought, otherList, otherPromise, proofs, unlockOf } from './frauds.ts';
import { Neighbour, someNode } from './neighbour.ts';

const slander = lockFraud(bought(deal.honest), deal.unlockingKey, unlockOf(deal.unlockingKey));

function town(): { node: Node; ann: Neighbour; bob: Neighbour; eve: Neighbour } {
  const node = someNode();
  const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((name) => new Neighbour(node, name));
  return { node, ann: ann!, bob: bob!, eve: eve! };
}

/** What a step did, but for the screens. */
function did(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.do === 'store') return [`store ${effect.key.split('/')[0]!}`];
    if (effect.do === 'send') return [`send ${effect.frame.kind} to ${effect.to.slice(0, 8)}`];
    return effect.do === 'fault' ? [`fault ${effect.code}`] : [];
  });
}
const told = (frame: Frame, ...whom: Neighbour[]) =>
  whom.map(({ device }) => `send ${frame.kind} to ${device.peer.slice(0, 8)}`);

describe('a proof that holds [STL-03]', () => {
  test('is stored, then told to the other neighbours, once', () => {
    const { node, ann, bob, eve } = town();
    expect(did(ann.say(proofs.lock))).toEqual(['store fraud', ...told(proofs.lock, bob, eve)]);
    expect(isDistrusted(node.frauds, cast.root.key)).toBe(true);
    expect(did(ann.say(proofs.lock))).toEqual([]);
    expect(did(bob.say(proofs.lock))).toEqual([]);
    // The same lie, told in other bytes.
    expect(did(eve.say(proofs['lock, another key']))).toEqual([]);
  });

  test('is told to a session that opens later, and not again to who told it', () => {
    const { node, ann } = town();
    ann.say(proofs['two Outcomes']);
    const [id] = node.frauds.keys();
    expect([...node.fraudsTold.get(id!)!]).toHaveLength(3);
    const late = new Neighbour(node, 'late');
    expect(node.fraudsTold.get(id!)!.has(late.device.peer)).toBe(true);
  });

  test('about a worker: its settler is trusted on', () => {
    const { node, ann } = town();
    ann.say(proofs.seal);
    expect([...node.frauds.values()].map(({ fraud }) => fraud.role)).toEqual(['replier']);
    expect(isDistrusted(node.frauds, cast.root.key)).toBe(false);
  });

  test('is one of a few that are kept of one settler', () => {
    const { node, ann } = town();
    for (let at = 0; at < limits.fraudsPerSettler + 2; at++) {
      const promiseId = cast.idOf<PromiseId>(`promise ${at}`);
      const { promise } = deal.makeReply({ promise: { promiseId } });
      const abort = { promiseId, reason: 'settler', height: 1 } as const;
      const key = { promiseId, unlockingKey: deal.unlockingKey, height: 1 };
      const said = deal.statements({ unlock: key, abort });
      const steps = did(ann.say(equivocation(promise, { unlock: said.unlock, abort: said.abort })));
      expect(steps.length > 0).toBe(at < limits.fraudsPerSettler);
    }
    expect(node.frauds.size).toBe(limits.fraudsPerSettler);
  });
});

describe('what proves nothing', () => {
  test('earns FRAUD_PROOF_INVALID, and goes no further', () => {
    const { node, ann } = town();
    expect(did(ann.say(slander))).toEqual(['fault FRAUD_PROOF_INVALID']);
    expect(node.frauds.size).toBe(0);
    expect(did(ann.say(slander))).toEqual(['fault FRAUD_PROOF_INVALID']);
  });

  test('about a settler that is not ours: dropped, and nobody is blamed', () => {
    const { node, ann } = town();
    const command = { command: 'removeSettler', root: cast.root.key } as const;
    stepNode(node, { on: 'command', command }, cast.nowMs, cast.seedOf('remove'));
    expect(did(ann.say(proofs.lock))).toEqual([]);
    expect(node.frauds.size).toBe(0);
  });
});

describe('what a node notices itself', () => {
  test('two promises on one hash, wherever it met them', () => {
    const { node } = town();
    const turn = beginTurn(node, cast.nowMs, cast.seedOf('a turn'));
    comparePromise(turn, deal.networkHash, deal.honest.promise);
    comparePromise(turn, deal.networkHash, deal.honest.promise);
    expect(did(turn.effects)).toEqual([]);
    comparePromise(turn, deal.networkHash, otherPromise);
    expect(did(turn.effects)).toContain('store fraud');
    expect([...node.frauds.values()].map(({ fraud }) => fraud.kind)).toEqual(['two-promises']);
  });

  test('two lists under one number, from the settler itself', () => {
    const { node } = town();
    const settler = new Neighbour(node, 'settler');
    const info = {
      kind: 'settlerInfo',
      settlerCertificate: cast.settlerChain,
      feeMsat: 10_000n,
    } as const;
    const first = did(settler.say({ ...info, revocationHead: cast.revocationHead() }));
    expect(first).toEqual(['store settler']);
    const second = did(settler.say({ ...info, revocationHead: otherList }));
    expect(second).toContain('fault REVOCATION_HEAD_INVALID');
    expect([...node.frauds.values()].map(({ fraud }) => fraud.kind)).toEqual(['two-lists']);
  });
});
