/**
 * What people do with the app, step by step, whichever browser shows it: a story is told once, for `Phone` (Chromium) and for
 * `FirefoxPhone`. What is on the screen is found by CSS selector, and waited for.
 */
export abstract class Steps {
  abstract readonly name: string;
  /** What went wrong on the page, for the test to look at. */
  abstract readonly errors: readonly string[];
  /** Public key of the wallet the practice network minted for us. */
  walletKey = '';

  /** Which screen it shows, or showed last. */
  abstract get hash(): string;
  abstract go(hash: string): Promise<void>;
  /** Waits until it shows such a screen. */
  abstract arrive(hash: RegExp): Promise<void>;
  /** Taps the first of these. */
  abstract tap(selector: string): Promise<void>;
  abstract write(selector: string, text: string): Promise<void>;
  /** Waits until the first of these is visible, with that text in it. */
  abstract sees(selector: string, text?: string): Promise<void>;
  /** What the first of these says, once it is visible. */
  abstract read(selector: string): Promise<string>;
  abstract attribute(selector: string, name: string): Promise<string | null>;
  /** Sends the node a command that no screen has, or that a screen has too many steps for. */
  abstract command(command: object): Promise<void>;
  /** What the page was answered to the request to that path which `deed` makes it send. */
  abstract answerTo(path: string, deed: () => Promise<void>): Promise<unknown>;
  /** Connections of this page that are direct: their selected pair is of two hosts, and bytes went both ways. */
  abstract directConnections(): Promise<number>;
  /** The page is gone, as when a phone kills it; what it stored stays. */
  abstract kill(): Promise<void>;
  /** A new page, by default at the screen that was shown last. */
  abstract reopen(hash?: string): Promise<void>;

  /** One tap: a funded play-money wallet. */
  async connectWallet(): Promise<void> {
    await this.go('#/node/wallet');
    const minted = await this.answerTo('/devnet/wallets', () => this.tap(id('wallet-play')));
    const { uri } = minted as { uri: string };
    this.walletKey = /^nostr\+walletconnect:\/\/([0-9a-f]{64})/.exec(uri)?.[1] ?? '';
    await this.sees(id('wallet-ready'));
  }

  /** This node's own key, as its screen tells it. */
  async peerKey(): Promise<string> {
    await this.go('#/node');
    return (await this.attribute(id('peer-key'), 'data-key')) ?? '';
  }

  /** Trusts a settler by the line it shares. */
  async trust(line: string): Promise<void> {
    await this.go('#/node');
    await this.write(id('settler-line'), line);
    await this.tap(id('settler-add'));
  }

  /** Asks the first settler shown to vouch for us. */
  async askVouch(role: 'customer' | 'worker'): Promise<void> {
    await this.go(role === 'customer' ? '#/hire/new' : '#/work');
    await this.tap(id(`vouch-ask-${role}`));
  }

  async expectVouched(role: 'customer' | 'worker'): Promise<void> {
    await this.go(role === 'customer' ? '#/hire/new' : '#/work');
    await this.sees(id(`vouched-${role}`));
  }

  async vouch(role: 'customer' | 'worker'): Promise<void> {
    await this.askVouch(role);
    await this.expectVouched(role);
  }

  /** Posts a ride from cell to cell; its screen opens. Answers the job's id. */
  async post(pickup: string, dropoff: string): Promise<string> {
    await this.go('#/hire/new');
    await this.write(id('post-pickup'), pickup);
    await this.write(id('post-dropoff'), dropoff);
    await this.tap(id('post-submit'));
    await this.arrive(/^#\/hire\/[0-9a-f]{64}$/);
    return this.hash.split('/').at(-1)!;
  }

  /** Waits until a job (that one) is heard and offers to do it; the offer's screen opens. */
  async offer(sats: number, contact: string, job = ''): Promise<void> {
    await this.go('#/work');
    await this.tap(`a[data-testid^="heard-${job}"]`);
    await this.write(id('offer-price-input'), String(sats));
    await this.write(id('offer-contact-input'), contact);
    await this.tap(id('offer-submit'));
    await this.arrive(/^#\/work\/offer\/[0-9a-f]{32}$/);
  }

  /** What the first offer costs beside its price. */
  async networkFeeMsat(): Promise<bigint> {
    return BigInt((await this.read(id('offer-fee'))).replace(/\D/g, '')) * 1_000n;
  }

  /** Takes the first offer. */
  async accept(): Promise<void> {
    await this.tap('[data-testid^="offer-choose-"]');
    await this.tap('[data-testid^="offer-accept-"]');
  }

  async say(text: string): Promise<void> {
    await this.write(id('chat-text'), text);
    await this.tap(id('chat-send'));
  }

  /** The work is done, and the customer pays for it. */
  async confirm(): Promise<void> {
    await this.tap(id('job-confirm'));
    await this.tap(id('job-confirm-yes'));
  }
}

/** ms that a step waits for what it needs to be on the screen; a direct path may take most of it. */
export const STEP_MS = 120_000;

/** Selector of what bears that test id. */
export function id(testId: string): string {
  return `[data-testid="${testId}"]`;
}
