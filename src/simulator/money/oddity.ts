/** Who lives in a simulated town, and what may be out of the ordinary about them (`plan.ts` draws it). */
import type { CheatName, Role } from './cheats/index.ts';
import type { PersonalityName } from './personalities.ts';

export interface PlannedPerson {
  readonly name: string;
  readonly role: Role;
  readonly feeMsat: bigint;
  readonly lossCapMsat: bigint;
  readonly settlerFeeMsat: bigint;
  /** Worker: its price. */
  readonly priceMsat: bigint;
  /** Absent: it works, and has others work. */
  readonly favours?: PlannedFavours;
}

/** Sats in place of work, msat. */
export interface PlannedFavours {
  /** What it takes for passing on a job, 0: work only. */
  readonly takesMsat: bigint;
  /** What it pays at most for one ask and in a day, 0: it works. */
  readonly mostMsat: bigint;
  readonly perDayMsat: bigint;
}

/** What a person does when nobody forces it: everything but `normal` is an oddity. */
export type Mood = 'normal' | (typeof moods)[Exclude<Role, 'middleman'>][number];

export const moods = {
  /** Never confirms; cancels while it pays; chooses late; disputes; says that nobody came; would call it off; one job more. */
  customer: ['forgets', 'cancels', 'dawdles', 'disputes', 'denies', 'calls off', 'posts again'],
  /**
   * Never says it is done; takes its offer back; disputes; concedes what the customer complains of; would call it off; opens the
   * contact with the network's preimage; is content with the network being paid for the contact.
   */
  worker: [
    'idles',
    'withdraws',
    'disputes',
    'concedes',
    'calls off',
    'takes the preimage for key',
    'settles on contact',
  ],
  /** Aborts what is promised; never rules; settles by hand what is confirmed. */
  settler: ['aborts', 'never rules', 'settles by hand'],
} as const;

export type Oddity =
  /** The device dies right after its nth effect and starts again after `downMs`; never, if that is null. */
  | { readonly odd: 'crash'; readonly who: string; readonly nth: number; readonly downMs: number }
  /** Dies for good after its nth effect: a party that vanishes. It is no honest one from then on. */
  | { readonly odd: 'vanish'; readonly who: string; readonly nth: number }
  | { readonly odd: 'cut'; readonly a: string; readonly b: string; readonly atMs: number }
  | {
      readonly odd: 'alone';
      readonly who: string;
      readonly atMs: number;
      readonly forMs: number;
    }
  /** In a tunnel, asleep, on another network: for minutes nothing reaches it, and then it is back. */
  | {
      readonly odd: 'away';
      readonly who: string;
      readonly atMs: number;
      readonly forMs: number;
    }
  | { readonly odd: 'blocks'; readonly atMs: number; readonly count: number }
  | {
      readonly odd: 'walletAway';
      readonly who: string;
      readonly atMs: number;
      readonly forMs: number;
    }
  | { readonly odd: 'wallet'; readonly who: string; readonly personality: PersonalityName }
  | { readonly odd: 'skew'; readonly who: string; readonly ms: number }
  | { readonly odd: 'mood'; readonly who: string; readonly mood: Mood }
  | { readonly odd: 'cheat'; readonly who: string; readonly cheat: CheatName }
  | ThanksOddity;

/** Of jobs without a settler. */
export const thanksHabits = {
  /** Takes replies without a settler too; takes its word back; says thank you again and again; withdraws the job. */
  customer: ['without settler', 'stops thanking', 'thanks again', 'withdraws the job'],
  /** Replies without a settler where it may; for a few sat only; takes its reply back. */
  worker: ['without settler', 'is stingy', 'takes its reply back'],
} as const;
export type ThanksHabit = (typeof thanksHabits)[keyof typeof thanksHabits][number];

export interface ThanksOddity {
  readonly odd: 'thanks';
  readonly who: string;
  readonly habit: ThanksHabit;
}
