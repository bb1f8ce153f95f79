/** A phone whose browser is Firefox: the same steps as `Phone`, over WebDriver BiDi, since Playwright drives no Firefox of a system. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { FIREFOX_SETTINGS } from '../../tools/firefox.ts';
import { countDirect, sendCommand, watchConnections, watchNode } from './in-page.ts';
import { id, STEP_MS, Steps } from './steps.ts';

export class FirefoxPhone extends Steps {
  readonly name: string;
  readonly browser: Browser;
  page: Page;
  readonly errors: string[] = [];
  readonly #home: string;
  #url: URL;

  private constructor(name: string, browser: Browser, page: Page, home: string) {
    super();
    this.name = name;
    this.browser = browser;
    this.page = page;
    this.#home = home;
    this.#url = new URL('about:blank');
  }

  /** A browser of its own that follows the network's link. */
  static async join(executablePath: string, name: string, url: string): Promise<FirefoxPhone> {
    // Firefox refuses to run as root in somebody else's home, as a container's may be.
    const home = await mkdtemp(join(tmpdir(), 'gig-gossip-firefox-'));
    const browser = await launch({
      browser: 'firefox',
      executablePath,
      extraPrefsFirefox: FIREFOX_SETTINGS,
      env: { ...process.env, HOME: home },
    });
    const phone = new FirefoxPhone(name, browser, await browser.newPage(), home);
    await phone.#prepare();
    await phone.page.goto(url);
    await phone.sees(id('home-hire'));
    return phone;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  override get hash(): string {
    if (!this.page.isClosed()) this.#url = new URL(this.page.url());
    return this.#url.hash;
  }

  override async go(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
  }

  override async arrive(hash: RegExp): Promise<void> {
    await expect.poll(() => this.hash, { timeout: STEP_MS }).toMatch(hash);
  }

  override async tap(selector: string): Promise<void> {
    const there = this.page.locator(selector).setTimeout(STEP_MS);
    const element = await there.waitHandle();
    // Out from under the bar at the bottom, which Puppeteer does not look for.
    await element.evaluate((found) => found.scrollIntoView({ block: 'center' }));
    await there.click();
  }

  override async write(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).setTimeout(STEP_MS).fill(text);
  }

  override async sees(selector: string, text = ''): Promise<void> {
    await this.page.waitForSelector(selector, { visible: true, timeout: STEP_MS });
    const shown = () => this.page.$$eval(selector, ([first]) => first?.textContent ?? '');
    await expect.poll(shown, { timeout: STEP_MS }).toContain(text);
  }

  override async read(selector: string): Promise<string> {
    await this.sees(selector);
    return this.page.$eval(selector, (first) => (first as HTMLElement).innerText);
  }

  override async attribute(selector: string, name: string): Promise<string | null> {
    await this.page.waitForSelector(selector, { timeout: STEP_MS });
    return this.page.$eval(selector, (first, wanted) => first.getAttribute(wanted), name);
  }

  override async command(command: object): Promise<void> {
    await this.page.evaluate(sendCommand, command);
  }

  override async answerTo(path: string, deed: () => Promise<void>): Promise<unknown> {
    const answer = this.page.waitForResponse((response) => response.url().endsWith(path));
    await deed();
    return (await answer).json();
  }

  override async directConnections(): Promise<number> {
    return this.page.evaluate(countDirect);
  }

  override async kill(): Promise<void> {
    this.#url = new URL(this.page.url());
    await this.page.close();
  }

  override async reopen(hash = this.hash): Promise<void> {
    this.page = await this.browser.newPage();
    await this.#prepare();
    await this.page.goto(`${new URL('/', this.#url).href}${hash}`);
  }

  async #prepare(): Promise<void> {
    const { page } = this;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    await page.setViewport({ width: 360, height: 740 });
    await page.evaluateOnNewDocument(watchConnections);
    await page.evaluateOnNewDocument(watchNode);
  }
}
