/**
 * A reply per route: an offer goes home on every way its request came, each with a promise of its own, and at most one of them is
 * ever paid; the sender takes the cheapest. Whitepaper: "Replying".
 *
 * Once the price is held on one way, the worker takes the offer back on all others; so does the settler, which lets one route of
 * an offer win. Screens are shown the way that came furthest.
 */
import { hexOf } from '../bytes.ts';
import type { OfferId, PayloadId, PeerKey } from '../ids.ts';
import { packSigned, sealToSender } from '../job/reply.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import { isOpen } from '../overlay/session.ts';
import type { Carrying } from '../roles/middleman.ts';
import { startOffer, type OfferMade, type OfferTerms } from '../roles/replier.ts';
import { ReplyMessage } from '../wire/messages.ts';
import { partySecret, trustOf, type Node, type Turn } from './state.ts';
import { keepOffer } from './turn.ts';
import { leadOf } from './views.ts';

/** A way home: who broadcast to us, and the peeled onion a reply goes back with. */
export interface Route {
  readonly upstream: PeerKey;
  readonly rest: Uint8Array;
}

/** Every way a request came, in the order in which it came. */
export function routesOf(node: Node, payloadId: PayloadId): Route[] {
  const routes: Route[] = [];
  for (const passage of node.passages.values()) {
    if (passage.state !== 'Carrying' || passage.payloadId !== payloadId) continue;
    routes.push({ upstream: passage.originator, rest: passage.rest });
  }
  return routes.slice(0, limits.routesPerOffer);
}

/** The way a reply named, or another one of the same request where the next hop of that is away and of this one is not. */
export function wayHome(node: Node, named: Carrying): Carrying {
  const isHere = ({ originator }: Carrying) => {
    const session = node.sessions.get(originator);
    return session !== undefined && isOpen(session);
  };
  if (isHere(named)) return named;
  for (const passage of node.passages.values()) {
    if (passage.state !== 'Carrying' || passage.payloadId !== named.payloadId) continue;
    if (isHere(passage)) return passage;
  }
  return named;
}

/** The same offer on another way: a draft of its own, its message sealed anew. */
export function onRoute(turn: Turn, offer: OfferTerms, { upstream, rest }: Route): OfferTerms {
  const draftId = hexOf(turn.ctx.random(16));
  return { ...offer, draftId, upstream, rest, sealedMessage: sealMessage(turn, offer) };
}

/** What the customer is to read of the worker: signed by its certified key, sealed to the customer's. */
export function sealMessage(
  turn: Turn,
  offer: Pick<
    OfferTerms,
    'payloadId' | 'offerId' | 'contactText' | 'channelKey' | 'senderKey' | 'certificate'
  >,
): Uint8Array {
  const { node, ctx } = turn;
  const { network, random } = ctx;
  const { payloadId, offerId, contactText, channelKey, senderKey, certificate } = offer;
  const addresses = node.addresses.slice(0, limits.addresses);
  const message: ReplyMessage = {
    payloadId,
    offerId,
    contactText,
    peerKey: node.self,
    addresses,
    channelKey,
  };
  const secret = partySecret(node, certificate);
  const by = { type: 'reply-message', secret, network, random } as const;
  const packed = packSigned(signBody(ReplyMessage, message, by));
  return sealToSender('message', packed, { senderKey, payloadId }, random);
}

/** A request that was answered came another way: it is answered on that way too, while nobody's money is held. */
export function answerRoute(turn: Turn, payloadId: PayloadId, route: Route): void {
  const made = [...turn.node.offers.values()].filter(({ offer }) => offer.payloadId === payloadId);
  for (const offerId of new Set(made.map(({ offer }) => offer.offerId))) {
    const lead = leadOf(turn.node, offerId);
    const ways = made.filter(({ offer }) => offer.offerId === offerId);
    if (lead === null || !isUnheld(lead) || ways.length >= limits.routesPerOffer) continue;
    begin(turn, onRoute(turn, lead.offer, route));
  }
}

export function begin(turn: Turn, offer: OfferTerms): void {
  const secret = partySecret(turn.node, offer.certificate);
  keepOffer(turn, startOffer(offer, { ...turn.ctx, secret, trust: trustOf(turn.node) }));
}

/** The ways of one offer: keys of `node.offers`, and what became of each. */
export function waysOf(node: Node, offerId: OfferId): [draftId: string, made: OfferMade][] {
  return [...node.offers].filter(([, { offer }]) => offer.offerId === offerId);
}

function isUnheld({ state }: OfferMade): boolean {
  return ['Drafting', 'Invoicing', 'Sealed', 'Sent'].includes(state);
}
