import { describe, expect, test } from 'vitest';
import { counting } from '../../src/lib/app/i18n/counting.ts';
import {
  firstKnown,
  languageIn,
  languages,
  type LanguageCode,
} from '../../src/lib/app/i18n/language.ts';
import { laidOver } from '../../src/lib/app/i18n/translated.ts';
import { gapsOf } from '../../tools/languages.ts';

const codes = Object.keys(languages) as LanguageCode[];

describe('a language', () => {
  test.each(codes)('%s says nothing that English does not', async (code) => {
    expect((await gapsOf(code)).surplus).toEqual([]);
  });

  test('is laid over English word by word', () => {
    const english = { title: 'Work', steps: ['a', 'b'], of: { one: 'one', two: 'two' } };
    expect(laidOver(english, { of: { two: 'deux' }, steps: ['c', 'd'], more: 'x' })).toEqual({
      title: 'Work',
      steps: ['c', 'd'],
      of: { one: 'one', two: 'deux' },
    });
    expect(laidOver(english, undefined)).toBe(english);
  });

  test('counts as its grammar does', () => {
    const forms = { one: '# praca', few: '# prace', many: '# prac', other: '# pracy' };
    const count = counting('pl');
    expect([1, 3, 5, 1.5].map((n) => count(n, forms))).toEqual([
      '1 praca',
      '3 prace',
      '5 prac',
      '1,5 pracy',
    ]);
    expect(counting('en')(7, { other: '# of many' })).toBe('7 of many');
  });
});

describe('the language of a page', () => {
  const page = (wanted: readonly string[], chosen: string | null = null) =>
    ({ navigator: { languages: wanted }, localStorage: { getItem: () => chosen } }) as never;

  test('is the first that the browser wants and the app knows', () => {
    expect(firstKnown(['tlh', 'ar-EG', 'en-US'])).toBe('ar');
    expect(firstKnown(['tlh'])).toBe('en');
    expect(firstKnown([])).toBe('en');
  });

  test('is the one that was chosen, if there still is one of that name', () => {
    expect(languageIn(page(['ar'], 'en'))).toBe('en');
    expect(languageIn(page(['ar'], 'xx'))).toBe('ar');
    expect(languageIn(page(['en']))).toBe('en');
  });
});
