/** One person's phone: a browser context of its own with the app open, driven through what is on the screen. */
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

export class Phone {
  readonly name: string;
  readonly context: BrowserContext;
  page: Page;
  /** Public key of the wallet the practice network minted for us. */
  walletKey = '';
  /** What went wrong on the page, for the test to look at. */
  readonly errors: string[] = [];
  /** Why the page was closed under the test, if its screen failed or its node stopped: nothing on it will come to pass. */
  death: string | null = null;

  private constructor(name: string, context: BrowserContext, page: Page) {
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

  static async open(browser: Browser, name: string): Promise<Phone> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    await context.addInitScript(watchConnections);
    await context.addInitScript(watchNode);
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

  /** Which screen it shows, or showed last. */
  get hash(): string {
    return new URL(this.#lastUrl).hash;
  }

  /** The page is gone, as when a phone kills it; what it stored stays. */
  async kill(): Promise<void> {
    await this.page.close();
  }

  /** A new page, by default at the screen that was shown last. */
  async reopen(hash = this.hash): Promise<void> {
    const home = new URL('/', this.#lastUrl).href;
    this.page = await this.context.newPage();
    this.#listenFor(this.page);
    await this.page.goto(`${home}${hash}`);
  }

  at(testId: string) {
    return this.page.getByTestId(testId);
  }

  async go(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
  }

  /** Sends the node a command that no screen has, or that a screen has too many steps for. */
  async command(command: object): Promise<void> {
    await this.page.evaluate((value) => {
      (globalThis as unknown as { gigGossip: { send(command: object): void } }).gigGossip.send(
        value,
      );
    }, command);
  }

  /** One tap: a funded play-money wallet. */
  async connectWallet(): Promise<void> {
    await this.go('#/node/wallet');
    const minted = this.page.waitForResponse((answer) => answer.url().endsWith('/devnet/wallets'));
    await this.at('wallet-play').click();
    const { uri } = (await (await minted).json()) as { uri: string };
    this.walletKey = /^nostr\+walletconnect:\/\/([0-9a-f]{64})/.exec(uri)?.[1] ?? '';
    await expect(this.at('wallet-ready')).toBeVisible({ timeout: 60_000 });
  }

  /** This node's own key, as its screen tells it. */
  async peerKey(): Promise<string> {
    await this.go('#/node');
    return (await this.at('peer-key').getAttribute('data-key')) ?? '';
  }

  /** Trusts a settler by the line it shares. */
  async trust(line: string): Promise<void> {
    await this.go('#/node');
    await this.at('settler-line').fill(line);
    await this.at('settler-add').click();
  }

  /** Asks the first settler shown to vouch for us. */
  async askVouch(role: 'customer' | 'worker'): Promise<void> {
    await this.go(role === 'customer' ? '#/hire/new' : '#/work');
    await this.at(`vouch-ask-${role}`).first().click({ timeout: 60_000 });
  }

  async expectVouched(role: 'customer' | 'worker'): Promise<void> {
    await this.go(role === 'customer' ? '#/hire/new' : '#/work');
    await expect(this.at(`vouched-${role}`)).toBeVisible({ timeout: 60_000 });
  }

  async vouch(role: 'customer' | 'worker'): Promise<void> {
    await this.askVouch(role);
    await this.expectVouched(role);
  }

  /** Posts a ride from cell to cell; its screen opens. Answers the job's id. */
  async post(pickup: string, dropoff: string): Promise<string> {
    await this.go('#/hire/new');
    await this.at('post-pickup').fill(pickup);
    await this.at('post-dropoff').fill(dropoff);
    await this.at('post-submit').click();
    await this.page.waitForURL(/#\/hire\/[0-9a-f]{64}$/);
    return this.hash.split('/').at(-1)!;
  }

  /** Waits until a job (that one) is heard and offers to do it; the offer's screen opens. */
  async offer(sats: number, contact: string, job = ''): Promise<void> {
    await this.go('#/work');
    const heard = this.page.locator(`a[data-testid^="heard-${job}"]`).first();
    await heard.click({ timeout: 60_000 });
    await this.at('offer-price-input').fill(String(sats));
    await this.at('offer-contact-input').fill(contact);
    await this.at('offer-submit').click();
    await this.page.waitForURL(/#\/work\/offer\/[0-9a-f]{32}$/);
  }

  /** What the first offer costs beside its price. */
  async networkFeeMsat(): Promise<bigint> {
    const fee = this.at('offer-fee').first();
    await expect(fee).toBeVisible({ timeout: 60_000 });
    return BigInt((await fee.innerText()).replace(/\D/g, '')) * 1_000n;
  }

  /** Takes the first offer. */
  async accept(): Promise<void> {
    await this.page.locator('[data-testid^="offer-choose-"]').first().click({ timeout: 60_000 });
    await this.page.locator('[data-testid^="offer-accept-"]').first().click();
  }

  async say(text: string): Promise<void> {
    await this.at('chat-text').fill(text);
    await this.at('chat-send').click();
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

  /** Connections of this page that are direct: their selected pair is of two hosts, and bytes went both ways. */
  async directConnections(): Promise<number> {
    return this.page.evaluate(async () => {
      const seen = (globalThis as unknown as { seenConnections: RTCPeerConnection[] })
        .seenConnections;
      let direct = 0;
      for (const connection of seen) {
        if (connection.connectionState !== 'connected') continue;
        const stats = [...(await connection.getStats()).values()] as Record<string, unknown>[];
        const pair = stats.find(
          ({ type, state, nominated }) =>
            type === 'candidate-pair' && state === 'succeeded' && nominated === true,
        );
        const kind = (id: unknown) => stats.find((stat) => stat.id === id)?.candidateType;
        const relayed = [pair?.localCandidateId, pair?.remoteCandidateId]
          .map(kind)
          .includes('relay');
        if (pair && !relayed && Number(pair.bytesSent) > 0 && Number(pair.bytesReceived) > 0)
          direct++;
      }
      return direct;
    });
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

/** Runs before the app: libp2p takes RTCPeerConnection as it finds it. */
function watchConnections(): void {
  const scope = globalThis as unknown as { seenConnections: RTCPeerConnection[] };
  scope.seenConnections = [];
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      scope.seenConnections.push(this);
    }
  };
}

/** Runs before the app: a node that stopped for good is an error of the page, as a screen that failed is. */
function watchNode(): void {
  new MutationObserver((_changes, self) => {
    const failure = document.querySelector('[data-testid="start-failed"]');
    if (failure === null) return;
    self.disconnect();
    reportError(new Error(`the node stopped: ${failure.textContent}`));
  }).observe(document, { subtree: true, childList: true });
}
