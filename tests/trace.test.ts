/** Every rule of the job protocol is proven by a test, or `docs/requirements.md` says why not. */
import { describe, expect, test } from 'vitest';
import { idsIn, proofsIn, rulesOf, trace, traceOf } from '../tools/tracing.ts';

const { rules, strays } = trace();

describe('the rules of docs/requirements.md', () => {
  test('are there, each once', () => {
    const ids = rules.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(100);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('each is proven by a test or says why not', () => {
    const open = rules.filter((rule) => rule.proofs.length === 0 && rule.unproven === '');
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  test('no title names a rule that is not there', () => {
    expect(strays).toEqual([]);
  });
});

describe('reading', () => {
  const markdown = [
    '| ID | Rule | From | Not proven because |',
    '|---|---|---|---|',
    '| AAA-01 | One. | G | |',
    '| AAA-02 | Two, see [a](b). | G/S | Nothing to see. |',
    '| AAA-03 | Three. | + | |',
  ].join('\n');
  const read = rulesOf(markdown);

  test('rules', () => {
    expect(read).toEqual([
      { id: 'AAA-01', text: 'One.', unproven: '' },
      { id: 'AAA-02', text: 'Two, see [a](b).', unproven: 'Nothing to see.' },
      { id: 'AAA-03', text: 'Three.', unproven: '' },
    ]);
  });

  test('names in titles', () => {
    expect(idsIn('a [b] pays [AAA-01, AAA-02] [AAA-03]')).toEqual(['AAA-01', 'AAA-02', 'AAA-03']);
    expect(idsIn('BIP-340, [SHA-2], AAA-01')).toEqual([]);
  });

  test('tests, tables and descriptions', () => {
    const source = `
      // a comment [AAA-01] proves nothing
      describe('part [AAA-01]', () => {
        test('plain [AAA-02]', () => { expect(1).toBe(1); });
        test.each([['row [AAA-03]', 1]])('%s', (_, n) => { expect(n).toBe(1); });
        test.skip('skipped [AAA-04]', () => {});
        says('a sentence that is ' + 'long [AAA-05]', () => {});
      });`;
    expect(proofsIn('x.test.ts', source)).toEqual([
      { ids: ['AAA-01'], title: 'part [AAA-01]', at: 'x.test.ts:3' },
      { ids: ['AAA-02'], title: 'part [AAA-01] › plain [AAA-02]', at: 'x.test.ts:4' },
      { ids: ['AAA-03'], title: 'part [AAA-01] › row [AAA-03]', at: 'x.test.ts:5' },
      {
        ids: ['AAA-05'],
        title: 'part [AAA-01] › a sentence that is long [AAA-05]',
        at: 'x.test.ts:7',
      },
    ]);
  });

  test('what is proven, and what strays', () => {
    const proof = { ids: ['AAA-01', 'AAA-09'], title: 't', at: 'x:1' };
    const others = { ids: ['BBB-01'], title: 'of another part', at: 'x:2' };
    const { rules: traced, strays: astray } = traceOf(read, [proof, others]);
    expect(traced.map(({ proofs }) => proofs.length)).toEqual([1, 0, 0]);
    expect(astray).toEqual([proof]);
  });
});
