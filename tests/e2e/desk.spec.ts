/**
 * The settler's desk with a thousand open cases, on a phone and on a desk: what is not on the screen is not in the page, and a
 * day's work can be done by thumb or by keyboard alone.
 */
import { readFile } from 'node:fs/promises';
import { height, hostile, startBusyDesk, type BusyDesk } from './busy-desk.ts';
import { flawsOfScreen } from './in-page.ts';
import type { Phone } from './phone.ts';
import { expect, test } from './test.ts';

let busy: BusyDesk;

test.beforeAll(async () => {
  busy = await startBusyDesk();
});

test.afterAll(() => busy.stop());

const rows = (desk: Phone) => desk.at('case-list').locator('li');

async function sound(desk: Phone, hash: string): Promise<void> {
  await desk.go(hash);
  await expect(desk.page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await desk.page.evaluate(flawsOfScreen), hash).toEqual([]);
}

/** As people choose a filter: by its words. */
async function filter(desk: Phone, name: string): Promise<void> {
  await desk.page
    .locator('label')
    .filter({ has: desk.at(`filter-${name}`) })
    .click();
}

test('a thousand open cases on a phone: found, read, ruled on, and in the log after a restart', async ({
  join,
}) => {
  const desk = await join('settler', busy.url);
  await expect(desk.at('count-open')).toHaveText('1000');
  await expect(rows(desk)).toHaveCount(25);
  await expect(desk.at('cases-page')).toHaveText('Page 1 of 40');
  // What waits for the owner is first, by danger.
  await expect(rows(desk).first()).toHaveAttribute('data-stage', 'disputed');
  await expect(rows(desk).first()).toContainText(/rule by: \d+ blocks left, about/);
  await desk.at('cases-next').click();
  await expect(desk.at('cases-page')).toHaveText('Page 2 of 40');
  await expect(rows(desk)).toHaveCount(25);

  await desk.at('case-search').fill('case 910');
  await expect(rows(desk)).toHaveCount(1);
  await rows(desk).locator('a').click();
  await expect(desk.at('case-list')).toBeHidden();
  await expect(desk.at('side-customer')).toContainText('The car came late, case 910.');
  await expect(desk.at('side-worker')).toContainText('I was there in time, case 910.');
  await expect(desk.at('case-silence')).toContainText('both sides can prove');
  await expect(desk.at('suggestion')).toHaveAttribute('data-decision', 'rulePaid');
  await desk.at('rule-all-back').click();
  await expect(desk.at('decide-effect')).toContainText('You earn nothing');
  await desk.page.keyboard.press('Escape');
  expect(busy.commands).toEqual([]);
  await desk.at('rule-paid').click();
  await desk.at('promise-decide-yes').click();
  await expect(desk.at('promise-stage')).toHaveText('settled');
  expect(busy.commands).toEqual([
    expect.objectContaining({ command: 'rulePromise', gig: 'paid', network: 'paid' }),
  ]);
  await expect(desk.at('timeline')).toContainText('You ruled');
  await desk.at('back').click();
  await desk.at('case-search').fill('');
  await expect(desk.at('count-open')).toHaveText('999');

  await desk.kill();
  await desk.reopen('#/settle/log');
  await desk.at('log-search').fill('You ruled');
  await expect(desk.at('log-lines').locator('li')).toHaveCount(1);
  await desk.at('desk-money').click();
  await expect(desk.at('income-total')).toContainText(/\d/);
  expect(desk.errors).toEqual([]);
});

test('on a desk the list and the case stand side by side, and the keyboard alone rules on one', async ({
  join,
}) => {
  const desk = await join('settler', busy.url);
  await desk.page.setViewportSize({ width: 1280, height: 860 });
  await filter(desk, 'disputed');
  await expect(desk.at('cases-page')).toHaveText(/of 4$/);
  const { keyboard } = desk.page;
  await keyboard.press('/');
  await expect(desk.at('case-search')).toBeFocused();
  await keyboard.type('late');
  await rows(desk).first().locator('a').focus();
  for (let i = 0; i < 26; i++) await keyboard.press(i % 2 === 0 ? 'j' : 'ArrowDown');
  await expect(desk.at('cases-page')).toHaveText(/^Page 2/);
  await keyboard.press('k');
  await keyboard.press('k');
  await expect(desk.at('cases-page')).toHaveText(/^Page 1/);
  await expect(rows(desk).last().locator('a')).toBeFocused();
  await keyboard.press('Enter');
  await expect(desk.page.getByRole('heading', { name: /^Case c0ffee/ })).toBeFocused();
  await expect(desk.at('case-list')).toBeVisible();
  const before = busy.commands.length;
  await desk.at('rule-refunded').press('Enter');
  await desk.at('promise-decide-yes').press('Enter');
  await expect(desk.at('promise-stage')).toHaveText('refunded');
  expect(busy.commands.slice(before)).toEqual([
    expect.objectContaining({ command: 'rulePromise', gig: 'refunded', network: 'paid' }),
  ]);
  await keyboard.press('Escape');
  await expect(desk.at('promise')).toHaveCount(0);
  expect(desk.errors).toEqual([]);
});

test('people are approved, refused and let go, and everything done can be saved', async ({
  join,
}) => {
  const desk = await join('settler', busy.url);
  await desk.go('#/settle/people');
  await expect(desk.at('application-count')).toHaveText('30');
  await expect(desk.at('applications-page')).toHaveText('Page 1 of 2');
  await desk.at('application-search').fill('Person 7,');
  await desk.page.locator('[data-testid^="approve-"][data-row]').click();
  await expect(desk.at('documents')).toContainText('None attached');
  await desk.at('say-identity-checked').check();
  await desk.at('approve-yes').click();
  await desk.at('application-search').fill('Person 9,');
  await desk.page.locator('[data-testid^="refuse-a"]').click();
  await desk.at('refuse-reason').fill('Nobody knows you.');
  await desk.at('refuse-yes').click();
  await expect(desk.at('application-count')).toHaveText('28');
  await desk.at('member-search').fill('Person 31,');
  await desk.page.getByRole('button', { name: 'Stop vouching' }).click();
  await desk.at('revoke-reason').fill('The licence ran out.');
  await desk.at('revoke-yes').click();
  await desk.go('#/settle/lists');
  await expect(desk.page.locator('[data-testid^="listed-"]')).toContainText('on the list until');
  await expect(desk.at('head-until')).toContainText('must be back by');

  await desk.go('#/settle/log');
  await expect(desk.at('log-lines')).toContainText('Nobody knows you.');
  const saved = desk.page.waitForEvent('download');
  await desk.at('log-save-csv').click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^gig-gossip-log-.*\.csv$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text.startsWith('at,block,by,did,about,detail,msat\r\n')).toBe(true);
  expect(text).toContain('The licence ran out.');
  expect(text).toContain(`,${height},`);
  // What a spreadsheet would run comes to it disarmed, what a browser would comes as text.
  expect(text).toContain(hostile.slice(0, 20));
  expect(desk.errors).toEqual([]);
});

test('every section is sound, narrow and wide, whatever people write', async ({ join }) => {
  const desk = await join('settler', busy.url);
  const hashes = ['', '/people', '/money', '/lists', '/log', '/rules'];
  for (const width of [360, 900, 1280]) {
    await desk.page.setViewportSize({ width, height: 740 });
    for (const section of hashes) await sound(desk, `#/settle${section}`);
    await sound(desk, `#/settle/${'c0ffee000000'.padEnd(64, '0')}`);
    await expect(desk.at('side-customer')).toContainText('<img src=x onerror=alert(1)>');
  }
  await desk.page.evaluate(() => {
    document.documentElement.style.setProperty('font-size', '34px');
  });
  await desk.page.setViewportSize({ width: 360, height: 740 });
  for (const section of hashes) await sound(desk, `#/settle${section}`);
  expect(desk.errors).toEqual([]);
});
