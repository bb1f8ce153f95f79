/** What the people of a simulated town do, as soon as their screens let them: the hands in front of honest and cheating nodes. */
import type {
  Command,
  JobView,
  Notice,
  OfferMadeView,
  PromiseId,
  SettlementView,
} from '../../lib/protocol/index.ts';
import type { Dice } from './dice.ts';
import type { Mood } from './plan.ts';
import type { Seat } from './seat.ts';
import type { ThankYouHands } from './thank-you-hands.ts';

type View<V extends Notice['view']> = Extract<Notice, { view: V }>;

function views<V extends Notice['view']>(seat: Seat, view: V): View<V>[] {
  return [...seat.person.views.values()].filter(
    (notice): notice is View<V> => notice.view === view,
  );
}

/** ms after `sinceMs` at which its hands do something; the same at every look. */
interface Habits {
  readonly posts: number;
  readonly chooses: number;
  readonly confirms: number;
  readonly says: number;
  readonly changesMind: number;
  readonly complains: number;
  readonly rules: number;
  readonly answers: number;
  /** How an honest settler rules: what is true, only those know who were there. */
  readonly ruling: Pick<Extract<Command, { command: 'rulePromise' }>, 'gig' | 'network'>;
}

/** Jobs posted by somebody who posts again and again. */
const mostJobs = 4;

export class Hands {
  readonly #seat: Seat;
  readonly #moods: ReadonlySet<Mood>;
  readonly #thanks: ThankYouHands;
  readonly #habits: Habits;
  readonly #topic: Extract<Command, { command: 'postJob' }>['topic'];
  readonly #done = new Set<string>();
  readonly #sinceMs = new Map<string, number>();

  constructor(
    {
      seat,
      moods,
      thanks,
    }: {
      readonly seat: Seat;
      readonly moods: ReadonlySet<Mood>;
      readonly thanks: ThankYouHands;
    },
    dice: Dice,
    topic: Extract<Command, { command: 'postJob' }>['topic'],
  ) {
    this.#seat = seat;
    this.#moods = moods;
    this.#thanks = thanks;
    this.#topic = topic;
    const slow = moods.has('dawdles');
    this.#habits = {
      posts: dice(2_000),
      chooses: slow ? dice(4_000_000) : dice.between(1_000, 6_000),
      confirms: dice.pick([0, 2_000, 20_000, 8_000_000]),
      says: dice.pick([0, 2_000, 20_000, 8_000_000]),
      changesMind: dice.pick([0, 1_000, 4_000, 15_000]),
      complains: dice.pick([0, 5_000, 600_000, 8_000_000]),
      rules: dice.pick([0, 10_000, 6_000_000, 20_000_000]),
      answers: dice.pick([0, 5_000, 3_000_000]),
      ruling: dice.pick([
        { gig: 'paid', network: 'paid' },
        { gig: 'refunded', network: 'paid' },
        { gig: 'refunded', network: 'refunded' },
      ] as const),
    };
  }

  /** Looks at the screen and acts. */
  act(nowMs: number): void {
    if (this.#seat.state !== 'up') return;
    this.#thanks.act(nowMs);
    switch (this.#seat.options.planned.role) {
      case 'customer':
        return this.#hire(nowMs);
      case 'worker':
        return this.#work(nowMs);
      case 'settler':
        return this.#settle(nowMs);
      case 'middleman':
        return;
    }
  }

  #hire(nowMs: number): void {
    const jobs = views(this.#seat, 'job');
    const wanted = this.#moods.has('posts again') ? mostJobs : 1;
    const due = this.#is(`start ${jobs.length}`, this.#habits.posts, nowMs);
    if (jobs.length < wanted && due) {
      this.#do({ command: 'postJob', topic: this.#topic, ...this.#thanks.posting });
    }
    for (const { job } of jobs) this.#mind(job, nowMs);
  }

  #mind(job: JobView, nowMs: number): void {
    const { payloadId, stage } = job;
    const { chooses, confirms, changesMind } = this.#habits;
    if (stage === 'offers' && this.#is(`offers ${payloadId}`, chooses, nowMs)) {
      const price = (offer: JobView['offers'][number]) => offer.priceMsat + offer.networkFeeMsat;
      const cheapest = [...job.offers].sort((a, b) => Number(price(a) - price(b)))[0];
      if (cheapest) this.#do({ command: 'chooseReply', payloadId, promiseId: cheapest.promiseId });
    }
    const cancels = this.#moods.has('cancels') && stage === 'locking';
    if (cancels && this.#is(`locking ${payloadId}`, changesMind, nowMs)) {
      this.#once(`cancel ${payloadId}`, { command: 'cancelJob', payloadId });
    }
    const glad = stage === 'matched' && !this.#moods.has('forgets');
    if (glad && this.#is(`matched ${payloadId}`, confirms, nowMs)) {
      this.#do({ command: 'confirmJob', payloadId });
    }
    const isMatched = job.case !== null && job.chosen !== null;
    if (!isMatched || !this.#is(`case ${payloadId}`, this.#habits.complains, nowMs)) return;
    if (this.#moods.has('denies')) {
      this.#once(`deny ${payloadId}`, { command: 'reportNoContact', payloadId });
    }
    this.#quarrel(job.chosen);
  }

  /** What either side may say to the settler. */
  #quarrel(promiseId: PromiseId): void {
    const text = 'It was not so.';
    if (this.#moods.has('disputes')) {
      this.#once(`dispute ${promiseId}`, { command: 'dispute', promiseId, text });
    }
    if (this.#moods.has('calls off')) {
      this.#once(`call off ${promiseId}`, { command: 'cancelTogether', promiseId });
    }
  }

  #work(nowMs: number): void {
    const { priceMsat } = this.#seat.options.planned;
    const unlock = this.#moods.has('takes the preimage for key') ? 'preimage' : 'both-accepted';
    const settleOn = this.#moods.has('settles on contact') ? 'contact' : 'service';
    const made = views(this.#seat, 'offerMade');
    for (const { heard } of views(this.#seat, 'heard')) {
      const { payloadId } = heard;
      if (made.some(({ offer }) => offer.payloadId === payloadId)) continue;
      if (this.#thanks.hasReplied(payloadId)) continue;
      const offer = { payloadId, priceMsat, contactText: 'a blue car', unlock, settleOn } as const;
      const unsettled = this.#thanks.replyTo(heard);
      this.#once(`offer ${payloadId}`, unsettled ?? { command: 'makeOffer', ...offer });
    }
    for (const { offer } of made) this.#earn(offer, nowMs);
  }

  #earn(offer: OfferMadeView, nowMs: number): void {
    const { offerId, stage } = offer;
    const { says, changesMind } = this.#habits;
    const regrets = this.#moods.has('withdraws') && ['sent', 'held'].includes(stage);
    if (regrets && this.#is(`sent ${offerId}`, changesMind, nowMs)) {
      this.#once(`withdraw ${offerId}`, { command: 'withdrawOffer', offerId });
    }
    const works = stage === 'matched' && !this.#moods.has('idles');
    if (works && this.#is(`matched ${offerId}`, says, nowMs)) {
      this.#once(`done ${offerId}`, { command: 'announceDone', offerId });
    }
    const told = offer.case;
    if (told === null || offer.promiseId === null) return;
    const complained = told.noContactAt !== null || told.senderDisputedAt !== null;
    const answers = complained && this.#is(`told ${offerId}`, this.#habits.answers, nowMs);
    if (answers && this.#moods.has('concedes')) {
      this.#once(`concede ${offerId}`, { command: 'concede', offerId });
    }
    // Who calls it off hopes that the other does; an accused worker that is none of these says what happened.
    if (told.otherCancels && this.#is(`off ${offerId}`, this.#habits.answers, nowMs)) {
      const { promiseId } = offer;
      this.#once(`call off ${promiseId}`, { command: 'cancelTogether', promiseId });
    }
    if (this.#is(`case ${offerId}`, this.#habits.complains, nowMs)) this.#quarrel(offer.promiseId);
  }

  #settle(nowMs: number): void {
    for (const { settlement } of views(this.#seat, 'settlement')) this.#rule(settlement, nowMs);
  }

  #rule({ promiseId, stage, decidedAt }: SettlementView, nowMs: number): void {
    const { changesMind, rules, ruling } = this.#habits;
    const early = stage === 'promised' || stage === 'held';
    const aborts = this.#moods.has('aborts') && early;
    if (aborts && this.#is(`promised ${promiseId}`, changesMind, nowMs)) {
      this.#once(`abort ${promiseId}`, { command: 'abortPromise', promiseId });
    }
    const judges = stage === 'disputed' && !this.#moods.has('never rules');
    if (judges && this.#is(`disputed ${promiseId} ${decidedAt}`, rules, nowMs)) {
      this.#do({ command: 'rulePromise', promiseId, ...ruling });
    }
    const pays = this.#moods.has('settles by hand') && ['confirmed', 'refunded'].includes(stage);
    if (pays && this.#is(`pays ${promiseId}`, changesMind, nowMs)) {
      this.#once(`pay ${promiseId}`, { command: 'settlePromise', promiseId });
    }
  }

  /** Has this gone on for so long? */
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
