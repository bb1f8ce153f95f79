/** Playwright's test with phones: they are closed when their test ends, and a phone that died says so in its place. */
import { test as base } from '@playwright/test';
import { Phone } from './phone.ts';

export { expect } from '@playwright/test';

export interface Phones {
  /** A phone of that name opens the link of a practice network; each script runs on its pages before the app. */
  readonly join: (name: string, url: string, scripts?: readonly (() => void)[]) => Promise<Phone>;
}

export const test = base.extend<Phones>({
  join: async ({ browser }, use) => {
    const phones: Phone[] = [];
    await use(async (name, url, scripts) => {
      const phone = await Phone.open(browser, name, scripts);
      phones.push(phone);
      await phone.follow(url);
      return phone;
    });
    for (const { context } of phones) await context.close();
    const deaths = phones.flatMap(({ name, death }) => (death ? [`${name}: ${death}`] : []));
    if (deaths.length > 0) throw new Error(`a page died\n${deaths.join('\n')}`);
  },
});
