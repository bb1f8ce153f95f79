/** What a node finds on its disk when it starts: one entry a thing, `kind/id`. */
import type { Evidence, KnownFraud } from './fraud-states.ts';
import { markMembership, rememberKeys, type IssuedKeys } from './memberships.ts';
import { restoreHead, restoreList, type StoredList } from './revoking.ts';
import {
  remember,
  type Membership,
  type OwnList,
  type OwnMembership,
  type TrustedSettler,
  type Turn,
} from './state.ts';
import { markJob, markLeg, markOffer, markSettlement, markSettler } from './turn.ts';
import { restoreOver } from './favour-selling.ts';
import type { FavourSums } from './favour-states.ts';
import { restoreHeld } from './outbox.ts';
import { restoreRelays } from './relays.ts';
import type { Refusals } from './refusals.ts';
import { markThankYou, markUnsettled } from './thank-you-machines.ts';
import { limits } from '../limits.ts';
import type { FavourBought } from '../roles/favour-bought.ts';
import type { FavourSold } from '../roles/favour-sold.ts';
import { type Leg } from '../roles/leg.ts';
import type { OfferMade } from '../roles/replier.ts';
import { isOpenToOthers, type Job } from '../roles/sender.ts';
import type { Settlement } from '../roles/settler.ts';
import type { UnsettledOffer } from '../roles/thank-you-replier.ts';
import type { ThankYou } from '../roles/thank-you-sender.ts';
import { readStored } from '../stored.ts';
import type { Policy } from '../policy.ts';
import type { PartyKey, PaymentHash, PeerKey } from '../ids.ts';
import type { Miners } from '../job/difficulty.ts';
import type { Thankless } from '../job/thank-you.ts';
import type { PartyRecord } from './records.ts';

/** `kind/id`, as puzzles, wakes and stored entries are called. */
export function splitKey(key: string): [kind: string, id: string] {
  const slash = key.indexOf('/');
  return slash < 0 ? [key, ''] : [key.slice(0, slash), key.slice(slash + 1)];
}

export function restore(turn: Turn, key: string, value: Uint8Array): void {
  const { node } = turn;
  const [kind, id] = splitKey(key);
  switch (kind) {
    case 'wallet':
      node.walletUri = readStored<string>(value);
      return;
    case 'wallet-relays':
      node.wallet = { ...node.wallet, relays: readStored<'yes' | 'no'>(value) };
      return;
    case 'wallet-refusals':
      node.refusals = readStored<Refusals>(value);
      return;
    case 'miners':
      node.miners = readStored<Miners>(value);
      return;
    case 'favour-sums':
      node.favourSums = readStored<FavourSums>(value);
      return;
    case 'thankless':
      node.thankless.set(id as PeerKey, readStored<Thankless>(value));
      return;
    case 'relays':
    case 'learned-relays':
      return restoreRelays(node, kind, value);
    case 'learns-relays':
      node.learnsRelays = readStored<boolean>(value);
      return;
    case 'policy':
      node.policy = { ...node.policy, ...readStored<Policy>(value) };
      return;
    case 'settler-role': {
      const { name } = readStored<{ name: string }>(value);
      node.settlerRole = { name, chain: null, head: null, madeAtMs: 0, epoch: 0 };
      return;
    }
    case 'own-list':
      node.ownList = readStored<OwnList>(value);
      return;
    case 'revocation':
      return restoreList(turn, readStored<StoredList>(value));
    case 'settler': {
      const settler = readStored<TrustedSettler>(value);
      node.settlers.set(settler.root, settler);
      if (settler.head !== null) restoreHead(turn, settler.head);
      return markSettler(turn, settler.root);
    }
    case 'member': {
      const own = readStored<OwnMembership>(value);
      node.ownMemberships.set(own.applicationId, own);
      return markSettler(turn, own.root);
    }
    case 'membership': {
      const membership = readStored<Membership>(value);
      node.memberships.set(membership.applicationId, membership);
      return markMembership(turn, membership);
    }
    case 'record': {
      const { key: about, record } = readStored<{ key: PartyKey; record: PartyRecord }>(value);
      node.records.set(about, record);
      return;
    }
    case 'fraud': {
      const known = readStored<KnownFraud>(value);
      node.frauds.set(known.id, known);
      return;
    }
    case 'evidence': {
      const evidence = readStored<Evidence>(value);
      node.evidence.set(evidence.promiseId, evidence);
      return;
    }
    case 'held':
      return restoreHeld(turn, key, readStored(value));
    case 'issued':
      return rememberKeys(turn, readStored<IssuedKeys>(value));
    default:
      return restoreMachine(turn, [kind, id], value);
  }
}

function restoreMachine(
  turn: Turn,
  [kind, id]: readonly [kind: string, id: string],
  value: Uint8Array,
): void {
  const { node } = turn;
  switch (kind) {
    case 'job': {
      const job = readStored<Job>(value);
      const { payloadId, slot } = job.job;
      node.jobs.set(payloadId, job);
      remember(node.payloads, payloadId, Infinity, limits.knownPayloads);
      if (isOpenToOthers(job)) remember(node.jobSlots, slot, payloadId, limits.jobs);
      const told = new Map(job.told.map(({ peer, routingFeeMsat }) => [peer, routingFeeMsat]));
      remember(node.broadcastTo, payloadId, told, limits.knownPayloads);
      return markJob(turn, payloadId);
    }
    case 'offer': {
      const made = readStored<OfferMade>(value);
      node.offers.set(made.offer.draftId, made);
      markOffer(turn, made.offer.offerId);
      return;
    }
    case 'leg': {
      const leg = readStored<Leg>(value);
      node.legs.set(leg.terms.paymentHash, leg);
      return markLeg(turn, leg.terms.paymentHash);
    }
    case 'favour-bought': {
      const bought = readStored<FavourBought>(value);
      node.favoursBought.set(bought.purchase.paymentHash, bought);
      return;
    }
    case 'favour-sold': {
      const sold = readStored<FavourSold>(value);
      node.favoursSold.set(sold.sale.paymentHash, sold);
      return;
    }
    case 'favour-over':
      return restoreOver(turn, id as PaymentHash, readStored<number>(value));
    case 'thank-you': {
      const thank = readStored<ThankYou>(value);
      node.thankYous.set(thank.reply.digest, thank);
      return markThankYou(turn, thank.reply.digest);
    }
    case 'unsettled': {
      const made = readStored<UnsettledOffer>(value);
      node.unsettledOffers.set(made.offer.offerId, made);
      return markUnsettled(turn, made.offer.offerId);
    }
    case 'settlement': {
      const made = readStored<Settlement>(value);
      node.settlements.set(made.deal.promiseId, made);
      return markSettlement(turn, made.deal.promiseId);
    }
  }
}
