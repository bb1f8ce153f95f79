/** One person's phone: a browser context of its own with the app open, driven through what is on the screen. */
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { countDirect, sendCommand, watchConnections, watchNode } from './in-page.ts';
import { STEP_MS, Steps } from './steps.ts';

export class Phone extends Steps {
  readonly name: string;
  readonly context: BrowserContext;
  page: Page;
  readonly errors: string[] = [];
  /** Why the page was closed under the test, if its screen failed or its node stopped: nothing on it will come to pass. */
  death: string | null = null;

  private constructor(name: string, context: BrowserContext, page: Page) {
    super();
    this.name = name;
    this.context = context;
    this.page = page;
    this.#listenFor(page);
  }

  /** A page with storage of its own that follows the network's link. */
  static async join(browser: Browser, name: string, url: string): Promise<Phone> {
    const phone = await Phone.open(browser, name);
    await phone.follow(url);
    return phone;
  }

  static async open(
    browser: Browser,
    name: string,
    scripts: readonly (() => void)[] = [],
  ): Promise<Phone> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    for (const script of [watchConnections, watchNode, ...scripts]) {
      await context.addInitScript(script);
    }
    return new Phone(name, context, await context.newPage());
  }

  async follow(url: string): Promise<void> {
    await this.page.goto(url);
    // A settler's desk opens on its own screen.
    const first = this.at('home-hire').or(this.at('settler-desk'));
    await expect(first).toBeVisible({ timeout: 60_000 });
  }

  get isOpen(): boolean {
    return !this.page.isClosed();
  }

  override get hash(): string {
    return new URL(this.#lastUrl).hash;
  }

  override async kill(): Promise<void> {
    await this.page.close();
  }

  override async reopen(hash = this.hash): Promise<void> {
    const home = new URL('/', this.#lastUrl).href;
    this.page = await this.context.newPage();
    this.#listenFor(this.page);
    await this.page.goto(`${home}${hash}`);
  }

  at(testId: string) {
    return this.page.getByTestId(testId);
  }

  override async go(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
  }

  override async arrive(hash: RegExp): Promise<void> {
    await this.page.waitForURL((url) => hash.test(url.hash));
  }

  override async tap(selector: string): Promise<void> {
    await this.page.locator(selector).first().click({ timeout: STEP_MS });
  }

  override async write(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).first().fill(text, { timeout: STEP_MS });
  }

  override async sees(selector: string, text = ''): Promise<void> {
    const first = this.page.locator(selector).first();
    await expect(first).toBeVisible({ timeout: STEP_MS });
    await expect(first).toContainText(text, { timeout: STEP_MS });
  }

  override async read(selector: string): Promise<string> {
    await this.sees(selector);
    return this.page.locator(selector).first().innerText();
  }

  override async attribute(selector: string, name: string): Promise<string | null> {
    return this.page.locator(selector).first().getAttribute(name, { timeout: STEP_MS });
  }

  override async command(command: object): Promise<void> {
    await this.page.evaluate(sendCommand, command);
  }

  override async answerTo(path: string, deed: () => Promise<void>): Promise<unknown> {
    const answer = this.page.waitForResponse((response) => response.url().endsWith(path));
    await deed();
    return (await answer).json();
  }

  /** Is this text anywhere on this device's disk? */
  async hasStored(text: string): Promise<boolean> {
    return this.page.evaluate(async (wanted) => {
      const open = indexedDB.open('gig-gossip');
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error ?? new Error('no database'));
      });
      const [table] = [...db.objectStoreNames];
      const all = db.transaction(table!).objectStore(table!).getAll();
      const values = await new Promise<Uint8Array[]>((resolve) => {
        all.onsuccess = () => resolve(all.result as Uint8Array[]);
      });
      db.close();
      return values.some((value) => new TextDecoder().decode(value).includes(wanted));
    }, text);
  }

  override async directConnections(): Promise<number> {
    return this.page.evaluate(countDirect);
  }

  /** What the latest dial over WebRTC was told to ask for our address. */
  async iceServers(): Promise<(string | string[])[]> {
    return this.page.evaluate(() => {
      const scope = globalThis as unknown as { seenConnections: RTCPeerConnection[] };
      const servers = scope.seenConnections.at(-1)?.getConfiguration().iceServers ?? [];
      return servers.map(({ urls }) => urls);
    });
  }

  #lastUrl = '';

  /** Whoever waits for the page fails now, not after a minute. */
  #die(page: Page, reason: string): void {
    this.errors.push(reason);
    this.death ??= reason;
    void page.close();
  }

  #listenFor(page: Page): void {
    page.on('framenavigated', () => (this.#lastUrl = page.url()));
    page.on('pageerror', (error) => this.#die(page, error.message));
    page.on('crash', () => this.#die(page, 'the page crashed'));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }
}
