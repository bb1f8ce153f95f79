/** The lab's command line: what it makes of good arguments, and what it says of bad ones. */
import { describe, expect, test } from 'vitest';
import { parseLab } from './options.ts';

const script = 'tests/lab/ride.ts';

test('without arguments there are three phones, driven by hand, with traces', () => {
  expect(parseLab([])).toEqual({
    nodes: 3,
    behind: null,
    script: null,
    args: [],
    minutes: null,
    headed: false,
    bare: false,
    traces: true,
    json: false,
  });
});

test('what follows is for the script', () => {
  const said = [
    '--nodes',
    '12',
    '--script',
    script,
    '--minutes',
    '0.5',
    '--trace',
    'off',
    'x',
    'y',
  ];
  expect(parseLab(said)).toMatchObject({
    nodes: 12,
    minutes: 0.5,
    traces: false,
    args: ['x', 'y'],
    script: expect.stringMatching(/^\/.*\/tests\/lab\/ride\.ts$/) as string,
  });
});

test('help is not run', () => {
  expect(parseLab(['--nodes', '3', '--help'])).toBeNull();
});

describe('refuses', () => {
  test.each([
    ['--nodes 0', '--nodes wants a whole number from 1 to 24, not "0"'],
    ['--nodes three', '--nodes wants a whole number from 1 to 24, not "three"'],
    ['--nodes 2.5', 'not "2.5"'],
    ['--nodes 13 --behind cone', 'from 1 to 12 with --behind, not "13"'],
    ['--behind a-wall', '--behind wants one of cone, symmetric, blocked, not "a-wall"'],
    ['--script no-such.ts', '--script: there is no '],
    ['--minutes -1', "'--minutes"],
    ['--minutes 0', '--minutes wants a number up to 1440, not "0"'],
    ['--trace sometimes', '--trace wants one of on, off, not "sometimes"'],
    ['--noodles 3', "Unknown option '--noodles'"],
    ['ride.ts', '"ride.ts" is for a script, and there is no --script'],
  ])('%s', (said, words) => {
    expect(() => parseLab(said.split(' '))).toThrow(words);
  });
});
