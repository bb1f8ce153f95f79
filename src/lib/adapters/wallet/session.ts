/**
 * One connection to one wallet, from its address to `disconnectWallet`: finds out what the wallet
 * can do, then looks every few seconds at its height, its balance and what is followed.
 *
 *   connecting -> ready <-> gone        gone: no answer; we go on trying
 *        └─────────────────> ended      wrong network, not allowed, or told to stop
 */
import type { Network, WalletEffect, WalletEvent, WalletFaultCode } from '../../protocol/index.ts';
import type { Desk } from './books.ts';
import { Invoices } from './invoices.ts';
import { Link, type Address, type Answer } from './link.ts';
import { Payments } from './payments.ts';
import {
  canHold,
  canLook,
  isForbidden,
  readBalance,
  readInfo,
  readNotification,
  type WalletInfo,
} from './words.ts';

/** ms until a wallet that has said nothing counts as unreachable. */
const CONNECT_MS = 11_500;
/** ms until a question counts as unanswered. */
const ANSWER_MS = 10_000;
/** ms between two looks on regtest, where blocks come as a test wants, and elsewhere. */
const REGTEST_POLL_MS = 2_000;
const POLL_MS = 20_000;
/** ms until the look after something has changed. */
const SOON_MS = 200;
/** Looks in a row without an answer until the wallet counts as gone. */
const MISSES = 2;
/** Invoices, and payments, looked up in one round, so that a phone and a relay are not overrun. */
const MOST_LOOKED_UP = 10;
const MOST_QUEUED = 100;
const ABSENT_MS = 60_000;

export interface SessionOptions {
  /** Bitcoin network of this node. */
  readonly network: Network;
  readonly pollMs?: number;
  /** ms until a question counts as unanswered. */
  readonly answerMs?: number;
  /** ms that a payment the wallet refused must be missing from its books to count as not made. */
  readonly absentMs?: number;
}

export class Session implements Desk {
  readonly link: Link;
  readonly network: Network;
  readonly absentMs: number;
  height = 0;
  canHold = false;
  canLook = true;
  readonly #pollMs: number;
  readonly #answerMs: number;
  readonly #listener: (event: WalletEvent) => void;
  readonly #invoices: Invoices;
  readonly #payments: Payments;
  #state: 'connecting' | 'ready' | 'gone' | 'ended' = 'connecting';
  /** Methods that the wallet's info event offers; none while no relay has it. */
  #offered: readonly string[] = [];
  #balanceMsat: bigint | null = null;
  /** Commands that came before the wallet did. */
  readonly #queued: WalletEffect[] = [];
  /** What must be done as soon as the wallet answers again, by command and hash. */
  readonly #owed = new Map<string, WalletEffect>();
  /** Commands about one hash are done one after the other. */
  readonly #busy = new Map<string, Promise<void>>();
  /** The next look shall say that the wallet is there, although it never was gone. */
  #readyAgain = false;
  #misses = 0;
  #looking = false;
  #lookAgain = false;
  #lookAtMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #alarm: ReturnType<typeof setTimeout>;

  constructor(address: Address, options: SessionOptions, listener: (event: WalletEvent) => void) {
    this.network = options.network;
    this.absentMs = options.absentMs ?? ABSENT_MS;
    this.#pollMs = options.pollMs ?? (options.network === 'regtest' ? REGTEST_POLL_MS : POLL_MS);
    this.#answerMs = options.answerMs ?? ANSWER_MS;
    this.#listener = listener;
    this.#invoices = new Invoices(this);
    this.#payments = new Payments(this);
    this.link = new Link(address, {
      offered: (methods) => this.#onOffered(methods),
      notified: (notification) => this.#onNotified(notification),
      connected: () => {
        this.#invoices.suspectAll();
        this.#lookIn(0);
      },
    });
    this.#alarm = setTimeout(() => this.#gone(), CONNECT_MS);
  }

  perform(effect: WalletEffect): void {
    if (this.#state === 'ready') this.#execute(effect);
    else if (this.#state === 'connecting' && this.#queued.length < MOST_QUEUED)
      this.#queued.push(effect);
    else this.fail(effect, 'WALLET_UNREACHABLE', true);
  }

  /** Nothing is told any more. */
  end(): void {
    this.#state = 'ended';
    clearTimeout(this.#alarm);
    clearTimeout(this.#timer);
    this.link.close();
  }

  // --------------------------------------------------------------- what invoices and payments need

  tell(event: WalletEvent): void {
    if (this.#state !== 'ended') this.#listener(event);
  }

  /**
   * What is safe to do late is done as soon as the wallet answers again. Whether to issue or pay
   * late is the node's to say, so it is told again that the wallet is there.
   */
  fail(effect: WalletEffect, code: WalletFaultCode, retryable: boolean): void {
    const paymentHash = 'paymentHash' in effect ? effect.paymentHash : null;
    const late = ['settleInvoice', 'cancelInvoice', 'followInvoice'].includes(effect.do);
    if (late && code === 'WALLET_UNREACHABLE' && this.#owed.size < MOST_QUEUED)
      this.#owed.set(`${effect.do} ${paymentHash}`, effect);
    if (!late && retryable) this.#readyAgain = true;
    this.tell({ on: 'walletFailed', command: effect.do, paymentHash, code, retryable });
  }

  ask(method: string, params: object): Promise<Answer> {
    return this.link.request(method, params, { timeoutMs: this.#answerMs });
  }

  moneyMoved(): void {
    this.#lookIn(SOON_MS);
  }

  async readHeight(): Promise<void> {
    await this.#readInfo();
  }

  // ------------------------------------------------------------------------------------ connecting

  #onOffered(methods: readonly string[] | null): void {
    if (methods === null) return this.#giveUp('WALLET_REFUSED');
    this.#offered = methods;
    this.#lookIn(0);
  }

  #ready(info: WalletInfo): void {
    this.#state = 'ready';
    this.#readyAgain = false;
    clearTimeout(this.#alarm);
    this.canHold = canHold(info, this.#offered);
    this.canLook = canLook(info);
    this.tell({
      on: 'walletReady',
      alias: info.alias,
      network: this.network,
      canHold: this.canHold,
      shadowBlocks: info.shadowBlocks,
      height: this.height,
      balanceMsat: this.#balanceMsat ?? 0n,
    });
    for (const effect of this.#queued.splice(0)) this.#execute(effect);
  }

  /** No answer: we say so once, and go on trying. */
  #gone(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.tell({ on: 'walletGone', code: 'WALLET_UNREACHABLE' });
    for (const effect of this.#queued.splice(0)) this.fail(effect, 'WALLET_UNREACHABLE', true);
  }

  /** An answer that will not get better. */
  #giveUp(code: WalletFaultCode): void {
    this.tell({ on: 'walletGone', code });
    for (const effect of this.#queued.splice(0)) this.fail(effect, code, false);
    this.end();
  }

  // --------------------------------------------------------------------------------------- looking

  /** The next look is in `ms`, unless one is due sooner. */
  #lookIn(ms: number): void {
    const atMs = Date.now() + ms;
    if (this.#state === 'ended' || this.#offered.length === 0 || this.#lookAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#lookAtMs = atMs;
    this.#timer = setTimeout(() => {
      this.#lookAtMs = Infinity;
      void this.#look();
    }, ms);
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    const answered = await this.#lookOnce().finally(() => (this.#looking = false));
    const retry = !answered && this.#state === 'connecting';
    this.#lookIn(retry || this.#lookAgain ? SOON_MS : this.#pollMs);
    this.#lookAgain = false;
  }

  /** False if the wallet does not answer. */
  async #lookOnce(): Promise<boolean> {
    const before = { height: this.height, balanceMsat: this.#balanceMsat };
    const info = await this.#readInfo();
    if (!info) {
      this.#missed();
      return false;
    }
    this.#misses = 0;
    await this.#readBalance();
    if (this.#isEnded()) return false;
    const same = canHold(info, this.#offered) === this.canHold;
    if (this.#state === 'ready' && same && !this.#readyAgain) this.#tellChanges(before);
    else this.#ready(info);
    for (const effect of this.#takeOwed()) this.#execute(effect);
    for (const paymentHash of this.#payments.due(MOST_LOOKED_UP))
      await this.#payments.nudge(paymentHash);
    for (const paymentHash of this.#invoices.due(MOST_LOOKED_UP, this.#pollMs))
      await this.#invoices.nudge(paymentHash);
    return true;
  }

  #tellChanges(before: { readonly height: number; readonly balanceMsat: bigint | null }): void {
    const { height } = this;
    const balanceMsat = this.#balanceMsat;
    if (height !== before.height) this.tell({ on: 'height', height });
    if (balanceMsat !== null && balanceMsat !== before.balanceMsat)
      this.tell({ on: 'balance', balanceMsat });
  }

  #takeOwed(): WalletEffect[] {
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    return owed;
  }

  /** While connecting, the alarm decides; afterwards a second miss in a row does. */
  #missed(): void {
    if (this.#state === 'ended' || this.#state === 'connecting') return;
    if (++this.#misses < MISSES) return this.#lookIn(SOON_MS);
    this.#misses = 0;
    this.#gone();
    this.link.reconnect();
  }

  async #readInfo(): Promise<WalletInfo | null> {
    const answer = await this.ask('get_info', {});
    if (this.#isEnded() || answer.kind === 'silence') return null;
    if (answer.kind === 'error') {
      if (isForbidden(answer.code)) this.#giveUp('WALLET_UNAUTHORIZED');
      return null;
    }
    const info = readInfo(answer.result);
    if (!info) return null;
    if (info.network !== null && info.network !== this.network) {
      this.#giveUp('WALLET_WRONG_NETWORK');
      return null;
    }
    if (info.height > 0) this.height = info.height;
    return info;
  }

  async #readBalance(): Promise<void> {
    const answer = await this.ask('get_balance', {});
    const balance = answer.kind === 'result' ? readBalance(answer.result) : null;
    if (balance !== null) this.#balanceMsat = balance;
  }

  #isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** But for a preimage, which proves itself, only a reason to look: it may be old. */
  #onNotified(notification: unknown): void {
    const transaction = readNotification(notification);
    if (!transaction) return;
    void this.#payments.hear(transaction);
    void this.#invoices.nudge(transaction.paymentHash);
  }

  // -------------------------------------------------------------------------------------- commands

  #execute(effect: WalletEffect): void {
    if (effect.do === 'connectWallet' || effect.do === 'disconnectWallet') return;
    const { paymentHash } = effect;
    const carryOut = () => this.#carryOut(effect);
    const before = this.#busy.get(paymentHash) ?? Promise.resolve();
    const done = before.then(carryOut, carryOut).finally(() => {
      if (this.#busy.get(paymentHash) === done) this.#busy.delete(paymentHash);
    });
    this.#busy.set(paymentHash, done);
  }

  #carryOut(
    effect: Exclude<WalletEffect, { do: 'connectWallet' | 'disconnectWallet' }>,
  ): Promise<void> {
    switch (effect.do) {
      case 'issueInvoice':
        return this.#invoices.issue(effect);
      case 'payInvoice':
        return this.#payments.pay(effect);
      case 'settleInvoice':
        return this.#invoices.settle(effect);
      case 'cancelInvoice':
        return this.#invoices.cancel(effect);
      case 'followInvoice':
        return this.#invoices.follow(effect);
    }
  }
}
