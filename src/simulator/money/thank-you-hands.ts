/** What people do about jobs without a settler, as soon as their screens let them. */
import type { Command, HeardView, Notice, PayloadId } from '../../lib/protocol/index.ts';
import type { Dice } from './dice.ts';
import type { ThanksHabit } from './oddity.ts';
import type { Seat } from './seat.ts';

type View<V extends Notice['view']> = Extract<Notice, { view: V }>;

/** ms after which its hands do something. */
interface Pauses {
  readonly thanks: number;
  readonly changesMind: number;
  readonly thanksAgain: number;
}

export class ThankYouHands {
  readonly #seat: Seat;
  readonly #habits: ReadonlySet<ThanksHabit>;
  readonly #pauses: Pauses;
  readonly #replyLimitMsat: bigint;
  readonly #sinceMs = new Map<string, number>();
  readonly #done = new Set<string>();

  constructor(seat: Seat, habits: ReadonlySet<ThanksHabit>, dice: Dice) {
    this.#seat = seat;
    this.#habits = habits;
    this.#pauses = {
      thanks: dice.between(500, 6_000),
      changesMind: dice.pick([0, 300, 1_000, 4_000, 15_000]),
      thanksAgain: dice.pick([2_000, 600_000, 6 * 3_600_000]),
    };
    const few = BigInt(dice.pick([1_000, 12_000, 40_000]));
    const enough = BigInt(dice.pick([100_000, 300_000, 1_000_000]));
    this.#replyLimitMsat = habits.has('is stingy') ? few : enough;
  }

  /** What it adds to the jobs it posts. */
  get posting(): { readonly acceptsThankYou?: true } {
    return this.#habits.has('without settler') ? { acceptsThankYou: true } : {};
  }

  /** Its reply to a job that may do without a settler; null where it offers with one. */
  replyTo({ payloadId, acceptsThankYou }: HeardView): Command | null {
    if (!acceptsThankYou || !this.#habits.has('without settler')) return null;
    const { priceMsat } = this.#seat.options.planned;
    const replyLimitMsat = this.#replyLimitMsat;
    const contactText = 'a green car';
    return { command: 'offerUnsettled', payloadId, priceMsat, replyLimitMsat, contactText };
  }

  hasReplied(payloadId: PayloadId): boolean {
    return this.#views('unsettledOffer').some(({ offer }) => offer.payloadId === payloadId);
  }

  act(nowMs: number): void {
    if (this.#habits.size === 0) return;
    for (const { thankYou } of this.#views('thankYou')) this.#mind(thankYou, nowMs);
    for (const { offer } of this.#views('unsettledOffer')) this.#earn(offer, nowMs);
  }

  #mind(thankYou: View<'thankYou'>['thankYou'], nowMs: number): void {
    const { digest, payloadId, stage } = thankYou;
    const { thanks, changesMind, thanksAgain } = this.#pauses;
    if (stage === 'offered' && this.#is(`offered ${digest}`, thanks, nowMs)) {
      this.#do({ command: 'thank', digest });
    }
    if (stage === 'asking' && this.#is(`asking ${digest}`, changesMind, nowMs)) {
      if (this.#habits.has('stops thanking')) {
        this.#once(`stop ${digest}`, { command: 'stopThanking', digest });
      }
      if (this.#habits.has('withdraws the job')) {
        this.#once(`withdraw ${payloadId}`, { command: 'cancelJob', payloadId });
      }
    }
    const waits = stage === 'thanked' && this.#is(`thanked ${digest}`, thanksAgain, nowMs);
    if (waits && this.#habits.has('thanks again')) {
      this.#once(`stop ${digest}`, { command: 'stopThanking', digest });
    }
  }

  #earn({ offerId, stage }: View<'unsettledOffer'>['offer'], nowMs: number): void {
    const regrets = this.#habits.has('takes its reply back') && stage === 'sent';
    if (regrets && this.#is(`sent ${offerId}`, this.#pauses.changesMind, nowMs)) {
      this.#once(`back ${offerId}`, { command: 'withdrawUnsettled', offerId });
    }
  }

  #views<V extends Notice['view']>(view: V): View<V>[] {
    return [...this.#seat.person.views.values()].filter(
      (notice): notice is View<V> => notice.view === view,
    );
  }

  #is(what: string, forMs: number, nowMs: number): boolean {
    const sinceMs = this.#sinceMs.get(what) ?? nowMs;
    this.#sinceMs.set(what, sinceMs);
    return nowMs - sinceMs >= forMs;
  }

  #once(what: string, command: Command): void {
    if (this.#done.has(what)) return;
    this.#done.add(what);
    this.#do(command);
  }

  #do(command: Command): void {
    this.#seat.person.command(command);
  }
}
