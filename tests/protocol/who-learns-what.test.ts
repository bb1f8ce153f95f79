/** What leaves a device and whom it reaches, in a whole ride; what a reply earns; what waits for whom is away. */
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import { encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import type { KeyName } from '../../src/lib/protocol/ids.ts';
import { partySecret, subSecret } from '../../src/lib/protocol/node/state.ts';
import { stepNode } from '../../src/lib/protocol/node.ts';
import * as cast from './cast.ts';
import { ended, received } from './paper.ts';
import { driveOn, driveTo, ride, type Ride, type Seat } from './town.ts';

const contactText = hexOf(utf8('Ola, white Skoda'));

/** Everything a device ever sent, as hex. */
const said = ({ life }: Seat) =>
  life.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.do === 'send' ? [hexOf(encodeFrame(effect.frame))] : [])),
  );
/** Everything a device ever heard, as hex. */
const heard = ({ life }: Seat) =>
  life.flatMap(({ event }) => (event.on === 'received' ? [hexOf(event.bytes)] : []));

describe('who learns what', () => {
  const { customer, m1, m2, worker, settler, line } = ended;

  test('no secret of a device ever leaves it [CRT-14]', () => {
    for (const seat of [...line, settler]) {
      const { node } = seat;
      const parts = ['party', 'node', 'settler-root'].map((part) => subSecret(node.secret, part));
      const names = [...node.ownMemberships.values()].flatMap(({ applicationId, certificates }) => [
        applicationId,
        ...certificates.map((_, index) => `${applicationId}/1/${index}` as KeyName),
      ]);
      const certified = names.map((name) => partySecret(node, name));
      const own = [node.secret, node.onionSecret, ...parts, ...certified];
      for (const frame of said(seat)) {
        for (const secret of own) expect(frame).not.toContain(hexOf(secret));
      }
    }
  });

  test('a wallet, and with it a chain, learns of payments alone: the rest is told to peers [NET-17]', () => {
    const { topic } = cast;
    const outward = [...line, settler].flatMap(({ life }) =>
      life.flatMap(({ effects }) => effects),
    );
    const inside = ['store', 'wake', 'notify', 'fault', 'mine', 'cancelMining'];
    const toPeers = ['send', 'dial', 'hangUp', 'useRelays'];
    const toWallet = outward.filter(({ do: what }) => ![...inside, ...toPeers].includes(what));
    expect(toWallet.map((effect) => effect.do)).toContain('payInvoice');
    const words = new Set<string>();
    for (const effect of toWallet) {
      expect(effect.do).toMatch(/^(connectWallet|(issue|pay|settle|cancel|follow)Invoice)$/);
      const told = JSON.stringify(effect, (_key, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      );
      for (const secret of [topic.pickupGeohash, topic.dropoffGeohash, customer.node.self]) {
        expect(told).not.toContain(secret);
      }
      if (effect.do === 'issueInvoice') words.add(effect.description);
    }
    // One word for every gig, one for every reply: none of them tells which job it was.
    expect(words.size).toBeLessThanOrEqual(3);
  });

  test('the contact in clear passes nobody: middlemen and settler carry it sealed [NET-14, STL-12]', () => {
    for (const seat of [m1, m2, settler]) {
      expect(heard(seat).some((frame) => frame.includes(contactText))).toBe(false);
    }
  });

  test('nobody on the way hears the peer key of the customer but who it speaks with [NET-05, NET-14]', () => {
    for (const kind of ['askForBroadcast', 'broadcast', 'cancelBroadcast'] as const) {
      for (const seat of [m2, worker]) {
        for (const frame of received(seat, kind)) {
          expect(hexOf(encodeFrame(frame as Frame))).not.toContain(customer.node.self);
        }
      }
    }
  });
});

describe('an ask', () => {
  const [ask] = received(ended.m1, 'askForBroadcast');

  test('has an id of its own that nobody can guess [ASK-03]', () => {
    const ids = [ended.m1, ended.m2, ended.worker].flatMap((seat) =>
      received(seat, 'askForBroadcast').map(({ askId }) => askId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(bytesOf(ask!.askId)).toHaveLength(16);
  });

  test('is answered by the one who was asked, and by nobody else [ASK-03]', () => {
    const [conditions] = received(ended.customer, 'conditions');
    expect(conditions!.askId).toBe(ask!.askId);
    const node = structuredClone(ended.customer.node);
    const bytes = encodeFrame(conditions!);
    const event = { on: 'received', peer: ended.settler.node.self, bytes } as const;
    const effects = stepNode(node, event, cast.nowMs, cast.seedOf('a step'));
    expect(effects).toContainEqual(expect.objectContaining({ do: 'fault', code: 'ASK_UNKNOWN' }));
  });
});

describe('a reply', () => {
  const money = (seat: Seat) => [...seat.node.legs.values()].map((leg) => 'end' in leg && leg.end);

  test('earns its middlemen only when it is bought [PAY-19, NET-07]', () => {
    expect([...money(ended.m1), ...money(ended.m2)]).toEqual(['settled', 'settled']);
    const unsold = driveTo('offered');
    const [payloadId] = unsold.customer.node.jobs.keys();
    unsold.town.command(unsold.customer, { command: 'cancelJob', payloadId: payloadId! });
    for (const seat of [unsold.m1, unsold.m2]) {
      expect(money(seat)).not.toContain('settled');
      const paid = seat.life.some(({ event }) => event.on === 'invoiceAccepted');
      expect(paid).toBe(false);
    }
  });
});

describe('a reply whose next hop is away', () => {
  let made: Ride;
  const part = (a: Seat, b: Seat) => {
    made.town.hear(a, { on: 'disconnected', peer: b.node.self });
    made.town.hear(b, { on: 'disconnected', peer: a.node.self });
  };
  const offers = () => [...made.customer.node.jobs.values()][0]!.offers.length;

  beforeAll(() => {
    made = ride();
    driveOn('posted', made);
    part(made.m1, made.m2);
    made.town.onFrame = (from, to, bytes) => (from.node.sessions.has(to.node.self) ? bytes : null);
  });

  test('waits for it, and goes on when it is back [ONI-08]', () => {
    driveOn('offered', made);
    expect(offers()).toBe(0);
    made.town.connect(made.m1, made.m2);
    expect(offers()).toBeGreaterThan(0);
    const [job] = made.customer.node.jobs.values();
    expect(new Set(job!.offers.map(({ terms }) => terms.offerId)).size).toBe(1);
  });
});
