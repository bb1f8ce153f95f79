/** Deals in which a settler or a worker breaks its word: who notices, who is told, and where the money ends up. */
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import {
  isFraudFrame,
  verifyFraud,
  type FraudTrust,
} from '../../src/lib/protocol/job/fraud-proof.ts';
import { signStatement, statementsFrame } from '../../src/lib/protocol/job/settlement.ts';
import { signBody } from '../../src/lib/protocol/job/signed.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { signingSecret } from '../../src/lib/protocol/node/identity.ts';
import { isDistrusted } from '../../src/lib/protocol/node/fraud-states.ts';
import { partySecret, settlerRoot, trustOf } from '../../src/lib/protocol/node/state.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { DraftRequest, type Outcome, type Signed } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from '../protocol/cast.ts';
import { driveOn, driveTo, ride, type Ride, type Seat, type Town } from '../protocol/town.ts';

const network = 'regtest';
const rootOf = ({ settler }: Ride) => settlerRoot(settler.node);

function jobOf({ customer }: Ride) {
  const job = [...customer.node.jobs.values()][0]!;
  if (!('chosen' in job)) throw new Error('nothing was bought');
  return job;
}
const offerOf = ({ worker }: Ride) => [...worker.node.offers.values()][0]!;

/** Whose nodes make no promise with this settler any more. */
function distrusting(made: Ride): string[] {
  const root = rootOf(made);
  return made.line.filter(({ node }) => isDistrusted(node.frauds, root)).map(({ name }) => name);
}

function kindsKnown({ node }: Seat): string[] {
  return [...node.frauds.values()].map(({ fraud }) => fraud.kind);
}

/** How often a proof went from one to another. */
function proofsSent({ town }: Ride): string[] {
  const sent = [...town.seats.values()].flatMap(({ name, life }) =>
    life.flatMap(({ effects }) =>
      effects.flatMap((effect) =>
        effect.do === 'send' && isFraudFrame(effect.frame)
          ? [`${name} to ${town.seats.get(effect.to)?.name}`]
          : [],
      ),
    ),
  );
  return sent.sort();
}

/** What the settler signs besides, about the promise that was bought. */
function signedBySettler(made: Ride, kind: 'outcome' | 'abort' | 'unlock', body: object): Signed {
  const { settler } = made;
  const { promiseId } = jobOf(made).chosen;
  const { epoch } = settler.node.settlements.get(promiseId)!.deal;
  const secret = signingSecret(settler.node.secret, epoch);
  const by = { secret, network, random: cast.dice('a lie') } as const;
  return signStatement(kind, { promiseId, height: 1, ...body } as never, by);
}
const badKey = { unlockingKey: cast.seedOf('another key') };

function tell(made: Ride, to: Seat, kind: 'outcome' | 'abort' | 'unlock', body: object): void {
  const signed = signedBySettler(made, kind, body);
  const { promiseId } = jobOf(made).chosen;
  say(made.town, made.settler, to, statementsFrame(promiseId, { [kind]: signed }));
}

function say(town: Town, from: Seat, to: Seat, frame: FrameOf<'statements'>): void {
  town.hear(to, { on: 'received', peer: from.node.self, bytes: encodeFrame(frame) });
}

const refunded: Partial<Outcome> = { gig: 'refunded', network: 'paid', reason: 'ruled' };

describe('a settler that says two things [STL-03, STL-04]', () => {
  const made = driveTo('confirmed');
  const { town, customer, m1, m2, worker } = made;
  tell(made, customer, 'outcome', refunded);

  test('is proven by the customer, and its neighbours and theirs make no promise with it any more', () => {
    expect(kindsKnown(customer)).toContain('two-outcomes');
    expect(distrusting(made)).toEqual(['customer', 'm1', 'm2', 'worker']);
  });

  test('is told of once to each neighbour, and not back', () => {
    const once = [...new Set(proofsSent(made))];
    expect(once).toEqual(['customer to m1', 'm1 to m2', 'm2 to worker']);
    const before = proofsSent(made).length;
    tell(made, customer, 'outcome', refunded);
    town.pass(60_000);
    expect(proofsSent(made)).toHaveLength(before);
  });

  test('is shown to the owner, with a proof that anybody can check', () => {
    const notices = customer.life.flatMap(({ effects }) => effects);
    const views = notices.flatMap((effect) =>
      effect.do === 'notify' && effect.notice.view === 'settler' ? [effect.notice.settler] : [],
    );
    const view = views.at(-1)!;
    expect(view.distrusted).toBe(true);
    const proof = view.frauds.find(({ kind }) => kind === 'two-outcomes')!.proof!;
    const frame = decodeFrame(bytesOf(proof));
    if (isFault(frame) || !isFraudFrame(frame)) throw new Error('no proof');
    const trust: FraudTrust = { network, nowMs: town.nowMs, roots: trustOf(m2.node).roots };
    expect(verifyFraud(frame, trust)).toMatchObject({ role: 'settler', root: rootOf(made) });
  });

  test('is remembered after a restart, and a neighbour that comes later is told', () => {
    town.restart(m1);
    expect(distrusting(made)).toContain('m1');
    const late = town.seat('late');
    const { self: peer } = made.settler.node;
    const root = rootOf(made);
    town.command(late, { command: 'addSettler', root, peer, addresses: ['/memory/settler'] });
    town.command(m2, { command: 'setPolicy', policy: { allowPeers: null } });
    town.connect(m2, late);
    expect(isDistrusted(late.node.frauds, root)).toBe(true);
  });

  test('is no party to a new deal: SETTLER_LIED, until its owner forgives', () => {
    driveOn('posted', made);
    const payloadId = [...worker.node.heard.keys()].at(-1)!;
    const offer = {
      command: 'makeOffer',
      payloadId,
      priceMsat: 12_000_000n,
      contactText: 'Ola',
    } as const;
    const refusal = (seat: Seat) => {
      const { effects } = seat.life.findLast(({ event }) => event.on === 'command')!;
      const notice = effects.find(
        (effect) => effect.do === 'notify' && effect.notice.view === 'rejected',
      );
      return notice?.do === 'notify' && notice.notice.view === 'rejected'
        ? notice.notice.code
        : null;
    };
    town.command(worker, offer);
    expect(refusal(worker)).toBe('SETTLER_LIED');
    const forgive = { command: 'forgiveSettler', root: rootOf(made) } as const;
    town.command(worker, forgive);
    expect(refusal(worker)).toBeNull();
    town.command(worker, forgive);
    expect(refusal(worker)).toBe('NO_SETTLER');
    town.command(worker, offer);
    expect(refusal(worker)).toBeNull();
    expect(offersOf(customer, payloadId)).toHaveLength(0); // m2 carries nothing for it
    for (const seat of [m1, m2]) town.command(seat, forgive);
    const again = [...worker.node.offers.values()].at(-1)!.offer.offerId;
    town.command(worker, { command: 'withdrawOffer', offerId: again });
    town.pass(1_000);
    town.command(worker, offer);
    const [arrived] = offersOf(customer, payloadId);
    const { promiseId } = arrived!;
    town.command(customer, { command: 'chooseReply', payloadId, promiseId });
    expect(refusal(customer)).toBe('SETTLER_LIED');
    town.command(customer, forgive);
    town.command(customer, { command: 'chooseReply', payloadId, promiseId });
    expect(refusal(customer)).toBeNull();
  });
});

const offersOf = ({ node }: Seat, payloadId: PayloadId) => node.jobs.get(payloadId)!.offers;

test('an Abort after the network was paid is proven by the preimage [PAY-05, STL-04]', () => {
  const made = driveTo('confirmed');
  tell(made, made.m1, 'abort', { reason: 'settler' });
  expect(kindsKnown(made.m1)).toContain('refund-and-preimage');
  expect(distrusting(made)).toEqual(['customer', 'm1', 'm2', 'worker']);
});

/** A ride whose settler publishes another key than it promised. */
function withBadKey(): Ride {
  const made = driveTo('offered');
  const { settler } = made;
  for (const [promiseId, one] of settler.node.settlements) {
    const deal = { ...one.deal, ...badKey };
    settler.node.settlements.set(promiseId, { ...one, deal });
  }
  driveOn('matched', made);
  return made;
}

describe('a key that does not open the contact [STL-03]', () => {
  test('is proven by both sides, and the worker gives the price back at once', () => {
    const made = withBadKey();
    expect(jobOf(made)).toMatchObject({ state: 'Matched', reason: 'LOCK_FRAUD' });
    expect(distrusting(made)).toEqual(['customer', 'm1', 'm2', 'worker']);
    expect(offerOf(made)).toMatchObject({ state: 'Lost', reason: 'contact-broken' });
    expect(jobOf(made).money.reply).toBe('failed');
  });

  test('gives the network back too: the customer says at once that there is no contact', () => {
    const made = withBadKey();
    const { town, settler } = made;
    const { promiseId } = jobOf(made).chosen;
    town.pass(60_000);
    expect(settler.node.settlements.get(promiseId)!.file.noContactAt).not.toBeNull();
    town.mine(limits.disputeBlocks);
    town.pass(60_000);
    expect(jobOf(made)).toMatchObject({
      state: 'Ended',
      money: { network: 'failed', reply: 'failed' },
    });
  });

  test('told to the customer alone: the worker hears of it by gossip, and gives the price back', () => {
    const made = driveTo('offered');
    const { town, settler, customer, worker } = made;
    town.onFrame = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      if (isFault(frame) || from !== settler || to !== customer) return bytes;
      if (frame.kind !== 'statements' || frame.unlock === null) return bytes;
      return encodeFrame({ ...frame, unlock: signedBySettler(made, 'unlock', badKey) });
    };
    driveOn('matched', made);
    expect(jobOf(made)).toMatchObject({ state: 'Matched', reason: 'LOCK_FRAUD' });
    expect(kindsKnown(worker)).toEqual(['lock']);
    expect(offerOf(made)).toMatchObject({ state: 'Lost', reason: 'contact-broken' });
    expect(jobOf(made).money.reply).toBe('failed');
  });

  test('talks nobody out of a job whose contact is open', () => {
    const made = driveTo('matched');
    const { worker, customer } = made;
    const before = offerOf(made);
    expect('channel' in before && before.channel?.peer).toBe(customer.node.self);
    tell(made, customer, 'unlock', badKey);
    expect(kindsKnown(worker)).toEqual(['lock']);
    expect(offerOf(made).state).toBe('Matched');
    expect(jobOf(made).state).toBe('Matched');
  });
});

/** A ride whose worker seals rubbish. */
function withBadSeal(): Ride {
  const made = ride();
  const { town, worker, settler } = made;
  driveOn('posted', made);
  const rubbish = new Uint8Array(200).fill(7);
  town.onFrame = (from, to, bytes) => {
    const frame = decodeFrame(bytes);
    if (isFault(frame) || from !== worker || to !== settler || frame.kind !== 'draftRequest') {
      return bytes;
    }
    const body = DraftRequest.decode(frame.request.body);
    if (isFault(body)) throw new Error('no draft request');
    const [offerId, drafting] = [...worker.node.offers][0]!;
    const offer = { ...drafting.offer, sealedMessage: rubbish };
    worker.node.offers.set(offerId, { ...drafting, offer } as never);
    const secret = partySecret(worker.node, offer.certificate);
    const random = cast.dice('rubbish');
    const changed = { ...body, sealedReplyMessage: rubbish };
    const request = signBody(DraftRequest, changed, {
      type: 'draft-request',
      secret,
      network,
      random,
    });
    return encodeFrame({ kind: 'draftRequest', request });
  };
  driveOn('offered', made);
  driveOn('matched', made);
  return made;
}

describe('a worker that seals no contact [STL-03]', () => {
  test('is shown to its settler, which gives everything back', () => {
    const made = withBadSeal();
    const { town, settler, customer } = made;
    town.pass(60_000);
    expect(kindsKnown(customer)).toEqual(['seal']);
    expect(kindsKnown(settler)).toEqual(['seal']);
    const { promiseId } = jobOf(made).chosen;
    expect(settler.node.settlements.get(promiseId)).toMatchObject({
      end: 'refunded',
      reason: 'ruled',
    });
    expect(jobOf(made)).toMatchObject({
      state: 'Ended',
      money: { network: 'failed', reply: 'failed' },
    });
    expect(distrusting(made)).toEqual([]);
  });

  test('gets no draft from a settler that knows, and its offers are not shown', () => {
    const made = withBadSeal();
    const { town, settler, worker } = made;
    town.pass(60_000);
    town.onFrame = (_from, _to, bytes) => bytes;
    driveOn('posted', made);
    const payloadId = [...worker.node.heard.keys()].at(-1)!;
    const settlements = settler.node.settlements.size;
    town.command(worker, {
      command: 'makeOffer',
      payloadId,
      priceMsat: 12_000_000n,
      contactText: 'Ola',
    });
    expect(settler.node.settlements.size).toBe(settlements);
    expect([...worker.node.offers.values()].at(-1)).toMatchObject({ state: 'Failed' });
  });
});

describe('a settler that does not rule [STL-07]', () => {
  function disputed(): Ride {
    const made = driveTo('matched');
    const { promiseId } = jobOf(made).chosen;
    made.town.command(made.customer, { command: 'dispute', promiseId, text: 'Nobody came.' });
    made.town.pass(60_000);
    expect(jobOf(made).receipts.senderDispute).toBeDefined();
    return made;
  }
  const decideBy = (made: Ride) => jobOf(made).chosen.heights.decideBy;

  test('owns it by its outcome, and that is a proof', () => {
    const made = disputed();
    const { town, customer } = made;
    town.mine(decideBy(made) - customer.node.height);
    town.pass(60_000);
    expect(kindsKnown(customer)).toEqual(['missing-ruling']);
    expect(distrusting(made)).toEqual(['customer', 'm1', 'm2', 'worker']);
  });

  test('rules in time, and nobody can say anything', () => {
    const made = disputed();
    const { town, settler } = made;
    const { promiseId } = jobOf(made).chosen;
    town.command(settler, { command: 'rulePromise', promiseId, gig: 'refunded', network: 'paid' });
    town.mine(decideBy(made) + limits.silentBlocks + 1 - settler.node.height);
    town.pass(60_000);
    expect(distrusting(made)).toEqual([]);
  });

  test('says nothing at all: only the parties know, and an answer ends it [REL-04]', () => {
    const made = disputed();
    const { town, customer, worker, settler } = made;
    const last = decideBy(made) + limits.silentBlocks;
    for (const seat of [customer, worker]) town.hear(seat, { on: 'height', height: last });
    expect(distrusting(made)).toEqual([]);
    for (const seat of [customer, worker]) town.hear(seat, { on: 'height', height: last + 1 });
    expect(distrusting(made)).toEqual(['customer', 'worker']);
    expect(kindsKnown(customer)).toEqual(['silent']);
    expect(proofsSent(made)).toEqual([]);
    const { promiseId } = jobOf(made).chosen;
    town.command(settler, { command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' });
    town.pass(60_000);
    expect(distrusting(made)).toEqual([]);
  });
});
