import { expect, test } from 'vitest';
import { gathered } from '../../src/lib/app/gathered.ts';
import type { Command, Notice } from '../../src/lib/app/types.ts';

function link() {
  const told: string[] = [];
  const sent: Command[] = [];
  const frames: (() => void)[] = [];
  let tell: (notice: Notice) => void = () => undefined;
  const inner = {
    send: (command: Command) => void sent.push(command),
    listen: (to: (notice: Notice) => void) => {
      tell = to;
    },
  };
  const outer = gathered(inner, (then) => void frames.push(then));
  outer.listen((notice) => void told.push(notice.view === 'stopped' ? notice.reason : ''));
  const say = (...reasons: string[]) => {
    for (const reason of reasons) tell({ view: 'stopped', reason });
  };
  return { told, sent, outer, say, frame: () => frames.splice(0).forEach((then) => then()) };
}

test('the first notice comes at once, what follows it together and in order', () => {
  const { told, say, frame } = link();
  say('a', 'b', 'c');
  expect(told).toEqual(['a']);
  frame();
  expect(told).toEqual(['a', 'b', 'c']);
  say('d', 'e');
  expect(told).toEqual(['a', 'b', 'c', 'd']);
  frame();
  frame();
  expect(told).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('commands go through as they are', () => {
  const { sent, outer } = link();
  outer.send({ command: 'disconnectWallet' });
  expect(sent).toEqual([{ command: 'disconnectWallet' }]);
});
