/** The lab's prompt: what its commands do to phones, and what it says to nonsense. The phones here only take notes. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Phone } from '../e2e/phone.ts';
import type { OpenLab } from './lab.ts';
import { obey, prompt } from './prompt.ts';

function openFakes() {
  const notes: string[] = [];
  const phone = (name: string) => {
    const fake = {
      name,
      isOpen: true,
      hash: '#/node',
      page: { bringToFront: () => Promise.resolve() },
      go: async (screen: string) => void notes.push(`${name} goes to ${screen}`),
      async kill() {
        notes.push(`${name} is killed`);
        fake.isOpen = false;
      },
      async reopen() {
        notes.push(`${name} is opened`);
        fake.isOpen = true;
      },
      at: (id: string) => ({
        first: () => ({
          click: () => Promise.reject(new Error(`no ${id}\nand a long log`)),
          fill: async (text: string) => void notes.push(`${name}: ${id} is "${text}"`),
        }),
      }),
    };
    return fake as unknown as Phone;
  };
  const lab = {
    phones: [phone('phone-1'), phone('phone-2')],
    browsers: { handleOf: (_phone: Phone, number: number) => Promise.resolve(`door ${number}`) },
    shoot: ({ name }: Phone) => Promise.resolve(name === 'phone-1' ? null : `/pictures/${name}`),
    connections: () =>
      Promise.resolve([
        {
          phone: 'phone-1',
          key: '02ab',
          phones: { 'phone-2': 'relayed' },
          others: { direct: 2, relayed: 1 },
        },
        { phone: 'phone-2', key: '', phones: {}, others: { direct: 0, relayed: 0 } },
      ]),
  } as unknown as OpenLab;
  return { lab, notes };
}

test('a phone is killed and restarted, one that lives is killed first', async () => {
  const { lab, notes } = openFakes();
  expect(await obey(lab, 'kill 1')).toBe('phone-1 is gone; what it stored stays');
  expect(await obey(lab, 'open 1')).toBe('phone-1 has no page: restart 1');
  expect(await obey(lab, ' restart  1 ')).toBe('phone-1 shows #/node');
  await obey(lab, 'restart 1');
  expect(notes).toEqual([
    'phone-1 is killed',
    'phone-1 is opened',
    'phone-1 is killed',
    'phone-1 is opened',
  ]);
});

test('open shows a screen and tells where a person drives it', async () => {
  const { lab, notes } = openFakes();
  expect(await obey(lab, 'open 2 #/hire/new')).toBe('door 2');
  expect(await obey(lab, 'fill 2 post-pickup u2yhvdp and more')).toBe('');
  expect(notes).toEqual([
    'phone-2 goes to #/hire/new',
    'phone-2: post-pickup is "u2yhvdp and more"',
  ]);
});

test('phones prints who is connected with whom, and how', async () => {
  const { lab } = openFakes();
  expect(await obey(lab, 'phones')).toBe(
    [
      '         phone-1  phone-2  network',
      'phone-1  -        relayed  2 direct, 1 relayed',
      'phone-2  .        -        closed',
    ].join('\n'),
  );
});

test('what cannot be done is said in a line, and nothing ends', async () => {
  const { lab } = openFakes();
  expect(await obey(lab, 'shot 2')).toBe('/pictures/phone-2');
  expect(await obey(lab, 'shot 1')).toBe('phone-1 has no page');
  expect(await obey(lab, 'shot 3')).toBe('shot wants a phone from 1 to 2');
  expect(await obey(lab, 'tap 1 nothing')).toBe('no nothing');
  expect(await obey(lab, 'constructor 1')).toMatch(/^no "constructor" here\n {2}phones /);
  expect(await obey(lab, '')).toBe('');
});

test('quit ends it, and so does the end of the input', async () => {
  for (const typed of ['kill 2\nquit\nkill 1\n', 'kill 2\n']) {
    const { lab, notes } = openFakes();
    const input = new PassThrough();
    const output = new PassThrough();
    input.end(typed);
    await prompt(lab, input, output);
    expect(notes).toEqual(['phone-2 is killed']);
    expect(String(output.read())).toContain('phone-2 is gone');
  }
});
