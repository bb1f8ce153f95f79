/**
 * What happened that its owner would want to know now: from the views alone, each with a name of its own, so that nothing is told
 * twice. The words carry nothing that a stranger who sees the screen could use: no names, no places, no text of others.
 */
import { later } from './i18n/later.ts';
import { hashOf } from './route.ts';
import type {
  ChatLine,
  JobView,
  MembershipView,
  OfferMadeView,
  PayloadId,
  SettlementView,
  ThankYouView,
} from './types.ts';

export interface News {
  readonly name: string;
  readonly words: string;
  readonly href: string;
}

export interface Known {
  readonly jobs: ReadonlyMap<PayloadId, JobView>;
  readonly offers: ReadonlyMap<string, OfferMadeView>;
  readonly thankYous: ReadonlyMap<string, ThankYouView>;
  readonly memberships: ReadonlyMap<string, MembershipView>;
  readonly settlements: ReadonlyMap<string, SettlementView>;
}

export function newsOf(known: Known): readonly News[] {
  return [
    ...[...known.jobs.values()].flatMap(ofJob),
    ...[...known.offers.values()].flatMap(ofOffer),
    ...[...known.thankYous.values()].flatMap(ofThankYou),
    ...[...known.memberships.values()].flatMap(ofApplication),
    ...[...known.settlements.values()].flatMap(ofSettlement),
  ];
}

const say = later.news;

function ofJob(job: JobView): News[] {
  const { payloadId, stage } = job;
  const href = hashOf({ screen: 'job', payloadId });
  const one = (what: string, words: string): News => ({
    name: `job/${payloadId}/${what}`,
    words,
    href,
  });
  const news = messages(`job/${payloadId}`, job.chat, href);
  if (stage === 'offers') news.push(one('offers', say.offers));
  if (stage === 'matched') {
    news.push(one('matched', say.matched));
    if (job.workerSaysDone) news.push(one('done', say.done));
    if (job.case?.claimedAt) news.push(one('claimed', say.claimed));
    if (job.case?.replierDisputedAt) news.push(one('disputed', say.disputed));
  }
  if (stage === 'settled') news.push(one('settled', say.settled));
  if (stage === 'refunded') news.push(one('refunded', say.refunded));
  return news;
}

function ofOffer(offer: OfferMadeView): News[] {
  const { offerId, stage } = offer;
  const href = hashOf({ screen: 'offer', offerId });
  const one = (what: string, words: string): News => ({
    name: `offer/${offerId}/${what}`,
    words,
    href,
  });
  const news = messages(`offer/${offerId}`, offer.chat, href);
  if (stage === 'matched') {
    news.push(one('hired', say.hired));
    if (offer.case?.noContactAt) news.push(one('accused', say.accused));
    if (offer.case?.senderDisputedAt) news.push(one('disputed', say.disputed));
  }
  if (stage === 'paid') news.push(one('paid', say.paid));
  return news;
}

function ofThankYou({ digest, payloadId, stage, chat }: ThankYouView): News[] {
  const href = hashOf({ screen: 'job', payloadId });
  const news = messages(`thanks/${digest}`, chat, href);
  if (stage === 'met') news.push({ name: `thanks/${digest}/met`, words: say.met, href });
  return news;
}

function ofApplication({ applicationId, state }: MembershipView): News[] {
  if (state !== 'open') return [];
  const href = hashOf({ screen: 'settle', at: '' });
  return [{ name: `application/${applicationId}`, words: say.application, href }];
}

function ofSettlement({ promiseId, stage }: SettlementView): News[] {
  if (stage !== 'disputed') return [];
  const href = hashOf({ screen: 'settle', at: promiseId });
  return [{ name: `settlement/${promiseId}/disputed`, words: say.rule, href }];
}

/** The latest message of the other side stands for those before it. */
function messages(name: string, chat: readonly ChatLine[], href: string): News[] {
  const last = chat.findLast((line) => !line.mine);
  return last === undefined
    ? []
    : [{ name: `${name}/message/${last.seq}`, words: say.message, href }];
}

/** Names that were told, the oldest forgotten first. */
const mostTold = 300;
const key = 'gig-gossip:told';

export function toldIn(storage: Storage): ReadonlySet<string> {
  return new Set((storage.getItem(key) ?? '').split('\n').filter((name) => name !== ''));
}

export function rememberTold(storage: Storage, told: ReadonlySet<string>): void {
  storage.setItem(key, [...told].slice(-mostTold).join('\n'));
}
