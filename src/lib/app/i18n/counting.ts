/**
 * How many, in words, for languages that tell more numbers apart than one and many. `#` is where the number goes; the
 * categories are those of the Unicode plural rules.
 */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & {
  readonly other: string;
};

/** The counting of one language: `count(3, { one: '# job', other: '# jobs' })`. */
export function counting(locale: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const digits = new Intl.NumberFormat(locale);
  return (n, forms) => (forms[rules.select(n)] ?? forms.other).replaceAll('#', digits.format(n));
}

/** Keeps a name, amount or address whose letters run the other way from turning the sentence around it. */
export const apart = (text: string): string => `\u2068${text}\u2069`;
