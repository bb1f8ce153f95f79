/** Kinds of job among nodes: every kind is carried the same way; what a node does not know or want it declines at the ask. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/lib/protocol/policy.ts';
import { askForBroadcast } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { coarseArea, expiryOf, numberOfKind } from '../../src/lib/protocol/job/topic.ts';
import { stepNode, type Node } from '../../src/lib/protocol/node.ts';
import type { Topic } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { all, delivery, stay } from './topics.ts';

const askId = cast.idOf<never>('a kind', 16);
const requestFor = (topic: Topic) => cast.makeRequest({ topic });

function set(node: Node, policy: Partial<Policy>): void {
  const event = { on: 'command', command: { command: 'setPolicy', policy } } as const;
  stepNode(node, event, cast.nowMs, cast.seedOf('policy'));
}

function meet(policy: Partial<Policy> = {}) {
  const node = someNode();
  set(node, policy);
  const asker = new Neighbour(node, 'asker');
  asker.work();
  return { node, asker };
}

describe('recv AskForBroadcastFrame', () => {
  test.each([0, 6, 2 ** 32 - 1])(
    'of kind %i -- declined: "no blind routing" of what cannot be validated [TOP-11, ASK-07]',
    (topicKind) => {
      const { node, asker } = meet();
      const ask = askForBroadcast(askId, cast.request);
      const effects = asker.say({ ...ask, topicKind });
      expect(effects.filter(({ do: what }) => what === 'fault')).toEqual([]);
      expect(effects).toContainEqual({
        do: 'send',
        to: asker.device.peer,
        frame: { kind: 'decline', askId, reason: 'kind' },
      });
      expect(node.passages.size).toBe(0);
    },
  );

  const no = { carry: false };
  test('of a kind the owner does not carry -- declined, and no other [ASK-07, NET-11]', () => {
    const { asker } = meet({ kinds: { delivery: no, freelance: no, microTask: no } });
    const answers = all.map((topic) => {
      const [sent] = asker.say(askForBroadcast(askId, requestFor(topic)));
      return sent?.do === 'send' && 'kind' in sent.frame ? [topic.kind, sent.frame.kind] : [];
    });
    expect(answers).toEqual([
      ['taxi', 'conditions'],
      ['delivery', 'decline'],
      ['freelance', 'decline'],
      ['stay', 'conditions'],
      ['microTask', 'decline'],
    ]);
  });
});

describe('recv POWBroadcastFrame', () => {
  test.each(all)('of a $kind -- carried and shown, until it is over [TOP-01, TOP-12]', (topic) => {
    const { node, asker } = meet();
    const request = requestFor(topic);
    const effects = asker.broadcast(request, asker.ask(request));
    const heard = effects.flatMap((effect) =>
      effect.do === 'notify' && effect.notice.view === 'heard' ? [effect.notice.heard] : [],
    );
    expect(heard).toMatchObject([{ topic, validTillMs: expiryOf(topic) }]);
    expect([...node.payloads.values()]).toEqual([1]);
    expect(effects).toContainEqual({
      do: 'wake',
      atMs: expiryOf(topic),
      key: `heard/${heard[0]!.payloadId}`,
    });
  });

  test.each<[string, Partial<ReturnType<typeof askForBroadcast>>]>([
    ['another kind', { topicKind: numberOfKind('delivery') }],
    ['another area', { coarseArea: 'u2yj' }],
    ['another size', { size: 99 }],
  ])('of %s than the ask told -- ASK_MISMATCH', (_name, lie) => {
    const { node, asker } = meet();
    const request = requestFor(stay);
    const truth = askForBroadcast(askId, request);
    expect(truth.coarseArea).toBe(coarseArea(stay));
    const effects = asker.say({ ...truth, ...lie });
    const answer = asker.broadcast(request, { askId, effects });
    expect(answer.filter(({ do: what }) => what === 'fault')).toMatchObject([
      { code: 'ASK_MISMATCH' },
    ]);
    expect(node.payloads.size).toBe(0);
  });
});

test('the kinds a worker wants to be shown are a rule of the owner and kept [NET-11]', () => {
  const { node } = meet({ interests: ['delivery'] });
  expect(node.policy.interests).toEqual([delivery.kind]);
});
