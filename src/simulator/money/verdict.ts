/**
 * How a run ended. Safety: no honest party is short of a sat it did not agree to pay. Liveness: nothing is in the air and every
 * machine of every honest node has come to its end.
 *
 * What each agreed to: what it paid in place of work, within its limits, whatever came of it (`watch-favours.ts`), and beyond
 * that: a middleman and a settler to lose nothing; a worker to lose nothing, and to be paid when the outcome its
 * honest settler signed says so; a customer to pay the network once it could open the contact, and the gig when the outcome says
 * so, in the amounts it was shown. With a settler that cheats, the last two hold no more: releasing early and siding with one
 * party is what nobody can prove (architecture, decision 3), so a customer then may lose what it locked, and a worker its pay.
 */
import {
  isFault,
  Outcome,
  readStored,
  type PaymentHash,
  type PromiseId,
  type Signed,
} from '../../lib/protocol/index.ts';
import type { Account } from '../lightning.ts';
import type { Seat } from './seat.ts';
import type { Town } from './town.ts';
import { saidThanks, thankedOf, unpaidThanks } from './verdict-thank-you.ts';

export interface Verdict {
  /** Broken invariants; empty when all is well. */
  readonly violations: readonly string[];
  readonly lostMsat: bigint;
  /** Honest jobs, legs, offers and settlements that did not come to an end, and payments in the air. */
  readonly stuck: readonly string[];
  /** Jobs whose gig was paid, and those that were taken and whose gig was not. */
  readonly settled: number;
  readonly refunded: number;
  /** Asks that honest people paid for in place of work. */
  readonly favours: number;
  /** Thank-yous that were said where there was no settler. */
  readonly thanked: number;
  /** Kinds of lies that were proven, one for each. */
  readonly proofs: readonly string[];
}

interface Chosen {
  readonly promiseId: PromiseId;
  readonly networkPaymentHash: PaymentHash;
  readonly networkMsat: { readonly $big: string };
  readonly terms: {
    readonly replyPaymentHash: PaymentHash;
    readonly amountMsat: { readonly $big: string };
  };
}

interface StoredMachine {
  readonly state: string;
  readonly chosen?: Chosen;
  readonly draft?: { readonly promiseId: PromiseId };
  readonly terms?: { readonly replyPaymentHash: PaymentHash };
  /** Of an offer that is off: null if the worker never had the contact. */
  readonly channel?: object | null;
}

interface StoredSettlement {
  readonly published: { readonly outcome?: Signed | null; readonly unlock?: Signed | null };
}

/** What ends each machine. */
const ends: Readonly<Record<string, readonly string[]>> = {
  job: ['Ended', 'Withdrawn'],
  offer: ['Paid', 'Lost', 'Failed'],
  leg: ['Ended'],
  settlement: ['Ended'],
  'favour-bought': ['Paid', 'Failed'],
  // What is over is forgotten.
  'favour-sold': [],
  'thank-you': ['Met', 'Ended'],
  unsettled: ['Met', 'Unmet', 'Ended'],
};

export function judge(town: Town): Verdict {
  const { world, seats, before } = town;
  town.frauds.end();
  const violations = [...town.violations];
  const after = world.ledger.balances();
  let lostMsat = 0n;
  for (const seat of seats.values()) {
    violations.push(...stopped(seat));
    if (!seat.options.honest) continue;
    const all = (after[seat.name] ?? 0n) - (before[seat.name] ?? 0n);
    const favoursMsat = seat.watch.favours.gainMsat();
    const { paidMsat, gotMsat, wrong } = thankedOf(town, seat);
    violations.push(...wrong.map((what) => `3: ${seat.name} ${what}`));
    const changeMsat = all - favoursMsat + paidMsat - gotMsat;
    const lost = lossOf(town, seat, changeMsat);
    if (lost !== null) violations.push(`3: ${seat.name} ${lost.why}`);
    lostMsat += lost?.msat ?? 0n;
  }
  const jobs = [...seats.values()].flatMap((seat) => machines(seat, 'job'));
  const taken = jobs.flatMap(({ chosen }) => (chosen ? [chosen.terms.replyPaymentHash] : []));
  const paid = taken.filter((hash) => someSettled(town, hash));
  return {
    violations: [...new Set(violations)],
    lostMsat,
    stuck: stuckIn(town),
    settled: paid.length,
    refunded: taken.length - paid.length,
    favours: [...seats.values()].reduce((sum, { watch }) => sum + watch.favours.bought(), 0),
    thanked: saidThanks(town),
    proofs: town.frauds.proofs,
  };
}

export function isOver(town: Town): boolean {
  return stuckIn(town).length === 0;
}

function stuckIn({ world, seats }: Town): string[] {
  const inAir = world.ledger
    .inFlight()
    .filter(({ from, to }) => isHonest(seats, from) || (to !== null && isHonest(seats, to)))
    .map(({ from, to }) => `a payment of ${from} to ${to}`);
  if (inAir.length > 0) return inAir;
  return [...seats.values()].flatMap((seat) => {
    if (!seat.options.honest) return [];
    const unpaid = unpaidThanks(seat);
    if (unpaid.length > 0) return unpaid;
    return [...seat.watch.disk.keys()].flatMap((key) => {
      const kind = key.slice(0, Math.max(0, key.indexOf('/')));
      const last = ends[kind];
      if (last === undefined) return [];
      const { state } = parse(seat, key);
      return last.includes(state) ? [] : [`${seat.name}'s ${kind} is ${state}`];
    });
  });
}

function isHonest(seats: Town['seats'], name: string): boolean {
  return seats.get(name)?.options.honest === true;
}

/** An honest node never stops itself; a cheat's may, if what it did broke its own core. */
function stopped(seat: Seat): string[] {
  if (!seat.options.honest) return [];
  return seat.person.notices.flatMap((notice) =>
    notice.view === 'stopped' ? [`${seat.name} stopped: ${notice.reason}`] : [],
  );
}

interface Loss {
  readonly why: string;
  readonly msat: bigint;
}

function lossOf(town: Town, seat: Seat, changeMsat: bigint): Loss | null {
  const { role } = seat.options.planned;
  if (role === 'customer') return customerLoss(town, seat, changeMsat);
  const lost = -changeMsat - excusedMsat(town, seat);
  if (lost > 0n) return { why: `lost ${lost} msat`, msat: lost };
  return role === 'worker' ? workerLoss(town, seat) : null;
}

/** What it paid onward for a settler that cheats, believing that settler's Abort and a wallet that lies. */
function excusedMsat({ world }: Town, { name, options }: Seat): bigint {
  let msat = 0n;
  const { incoming, outgoing } = world.ledger.account(name);
  for (const [hash, { state, amountMsat, feeMsat }] of outgoing) {
    const unpaid = state === 'settled' && incoming.get(hash)?.state === 'cancelled';
    if (unpaid && options.watched.excused(hash)) msat += amountMsat + feeMsat;
  }
  return msat;
}

/** Everything that left the customer must be what it agreed to. */
function customerLoss(town: Town, seat: Seat, changeMsat: bigint): Loss | null {
  const account = town.world.ledger.account(seat.name);
  let owedMsat = 0n;
  for (const { chosen } of machines(seat, 'job')) {
    if (!chosen) continue;
    const settler = settlementOf(town, chosen.promiseId);
    const trusted = settler === null || settler.seat.options.honest;
    const network = settledMsat(account, chosen.networkPaymentHash);
    const opened = !trusted || (settler?.unlocked && settler.network !== 'refunded');
    const most = BigInt(chosen.networkMsat.$big);
    if (opened && network.amountMsat <= most) owedMsat += network.amountMsat + network.feeMsat;
    const reply = settledMsat(account, chosen.terms.replyPaymentHash);
    const price = BigInt(chosen.terms.amountMsat.$big);
    const due = !trusted || settler?.gig === 'paid';
    if (due && reply.amountMsat <= price) owedMsat += reply.amountMsat + reply.feeMsat;
  }
  const lost = -changeMsat - owedMsat;
  return lost > 0n ? { why: `paid ${lost} msat it did not agree to`, msat: lost } : null;
}

/** Who was promised to be paid by an honest settler, is. */
function workerLoss(town: Town, seat: Seat): Loss | null {
  const { incoming } = town.world.ledger.account(seat.name);
  for (const { draft, terms, channel } of machines(seat, 'offer')) {
    // It gave the money back before it knew of the job: it did none.
    if (channel === null) continue;
    const settler = draft && settlementOf(town, draft.promiseId);
    if (!terms || !settler?.seat.options.honest || settler.gig !== 'paid') continue;
    const invoice = incoming.get(terms.replyPaymentHash);
    if (invoice?.state === 'settled') continue;
    const msat = invoice?.fields.amountMsat ?? 0n;
    return { why: `is not paid ${msat} msat that were ruled its own`, msat };
  }
  return null;
}

function settledMsat({ outgoing }: Readonly<Account>, hash: PaymentHash) {
  const payment = outgoing.get(hash);
  if (payment?.state !== 'settled') return { amountMsat: 0n, feeMsat: 0n };
  return { amountMsat: payment.amountMsat, feeMsat: payment.feeMsat };
}

function someSettled({ world, seats }: Town, hash: PaymentHash): boolean {
  const accounts = [...seats.keys()].map((name) => world.ledger.account(name));
  return accounts.some(({ incoming }) => incoming.get(hash)?.state === 'settled');
}

/** What the settler has published of a promise, by its own disk. */
function settlementOf({ seats }: Town, promiseId: PromiseId) {
  for (const seat of seats.values()) {
    const value = seat.watch.disk.get(`settlement/${promiseId}`);
    if (value === undefined) continue;
    const { published } = readStored<StoredSettlement>(value);
    const said = published.outcome ? Outcome.decode(published.outcome.body) : null;
    const outcome = said === null || isFault(said) ? null : said;
    const unlocked = published.unlock !== undefined && published.unlock !== null;
    return { seat, unlocked, gig: outcome?.gig ?? null, network: outcome?.network ?? null };
  }
  return null;
}

function machines(seat: Seat, kind: string): StoredMachine[] {
  const keys = [...seat.watch.disk.keys()].filter((key) => key.startsWith(`${kind}/`));
  return keys.map((key) => parse(seat, key));
}

function parse(seat: Seat, key: string): StoredMachine {
  const text = Buffer.from(seat.watch.disk.get(key)!).toString('utf8');
  return (JSON.parse(text) as { state: StoredMachine }).state;
}
