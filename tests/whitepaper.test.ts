/**
 * What the whitepaper says, sentence by sentence, and the code that does so. `whitepaper-differs.test.ts` has
 * those that we differ from.
 */
import { describe, expect } from 'vitest';
import { bytesOf, compare, hexOf } from '../src/lib/protocol/bytes.ts';
import { hash, openSealed } from '../src/lib/protocol/crypto.ts';
import {
  cellOf,
  encodeGeohash,
  isPreimageOf,
  isSignedBy,
  limits,
  payloadIdOf,
  paymentHashOf,
  peelOnion,
  readInvoice,
  verifyChain,
  verifyTopic,
  verifyWork,
} from '../src/lib/protocol/index.ts';
import { defaultPolicy } from '../src/lib/protocol/policy.ts';
import { isFault } from '../src/lib/protocol/wire/codec.ts';
import {
  BroadcastPayload,
  SettlementPromise,
  TaxiTopic,
} from '../src/lib/protocol/wire/messages.ts';
import * as cast from './protocol/cast.ts';
import * as deal from './protocol/deal.ts';
import { Neighbour, someNode } from './protocol/neighbour.ts';
import { asks, ended, received, says, told } from './protocol/paper.ts';
import { read } from './protocol/samples.ts';
import { driveOn, driveTo, ride, type Seat } from './protocol/town.ts';

const offered = driveTo('offered');

describe('Gig-gossip P2P Network', () => {
  says('P2P Symmetry - every node does the same thing [NET-01]', () => {
    const made = ride();
    const { town, customer, m1, settler } = made;
    const root = [...customer.node.settlers.keys()][0]!;
    const apply = {
      command: 'applyForCertificate',
      root,
      name: 'customer',
      statement: '',
    } as const;
    town.command(m1, apply);
    driveOn('posted', { ...made, customer: m1 });
    expect([...m1.node.jobs.keys()]).toEqual([...customer.node.heard.keys()]);
    expect(Object.keys(m1.node)).toEqual(Object.keys(settler.node));
  });

  says('it uses POW (proof of work) as a countermeasure for DDoS and Spam [NET-06, WRK-19]', () => {
    const node = someNode();
    const { effects } = new Neighbour(node, 'idle').ask(cast.request);
    expect(effects).toContainEqual(expect.objectContaining({ code: 'ASK_WITHOUT_WORK' }));
  });
});

describe('The protocol', () => {
  says(
    'The message is delivered back to the customer that can verify the basic properties of the gig worker with their ' +
      'digital certificate but to decrypt the contact information […] the customer is obligated to pay the network and ' +
      'lock the required amount of money proposed in the job offer. [RPL-05, PAY-20]',
    () => {
      const [job] = offered.customer.node.jobs.values();
      expect(job!.offers[0]!.replier.certificateName).toBe('worker');
      expect(job).not.toHaveProperty('contactText');
      const [paid] = ended.customer.node.jobs.values();
      expect(paid).toMatchObject({ contactText: 'Ola, white Skoda' });
      const paying = asks(ended.customer, 'payInvoice');
      expect(paying).toHaveLength(2);
      expect(Math.min(...asks(ended.customer, 'send contact'))).toBeGreaterThan(
        Math.max(...paying),
      );
    },
  );

  says(
    'Once, the payment settler reveals the key the originator can begin direct communication with the replier. [RPL-13, RPL-14]',
    () => {
      const [settlement] = ended.settler.node.settlements.values();
      expect(settlement!.published.unlock).toBeDefined();
      const [made] = ended.worker.node.offers.values();
      expect(made).toMatchObject({ channel: { peer: ended.customer.node.self, validated: true } });
    },
  );
});

describe('Topic', () => {
  says(
    'by design, it should not reveal any information about senders allowing for their identification [TOP-09, NET-05]',
    () => {
      const topic = read(TaxiTopic, TaxiTopic.encode(cast.topic));
      expect(Object.keys(topic)).toEqual([
        'pickupGeohash',
        'dropoffGeohash',
        'pickupAfterMs',
        'dropoffBeforeMs',
        'pickupBeforeMs',
      ]);
    },
  );

  says(
    'Legal Services Council in Sydney is located at the following coordinates latitude= -33.8647 and longitude=151.2096 ' +
      'and the corresponding geo-hash of precision 7 is equal to ‘r3gx2g5‘. [TOP-08]',
    () => {
      expect(encodeGeohash({ latitude: -33.8647, longitude: 151.2096 }, 7)).toBe('r3gx2g5');
    },
  );

  says('it needs to be at least 7 so the cell has a size lower than 200m [TOP-04]', () => {
    const { south, north } = cellOf('r3gx2g5');
    expect((north - south) * 111_320).toBeLessThan(200);
    const coarse = { ...cast.topic, pickupGeohash: 'r3gx2g' };
    expect(verifyTopic(coarse, cast.nowMs)?.code).toBe('GEOHASH_TOO_COARSE');
  });

  says('we might want to restrict the size of geo-hash to at most 8 [TOP-05]', () => {
    const exact = { ...cast.topic, pickupGeohash: 'r3gx2g5bc' };
    expect(verifyTopic(exact, cast.nowMs)?.code).toBe('GEOHASH_TOO_EXACT');
  });
});

describe('Digital Certificates', () => {
  says(
    'For a taxi driver, the screening requires having a valid driving licence and no criminal record. [CRT-07]',
    () => {
      const [job] = offered.customer.node.jobs.values();
      const names = job!.offers[0]!.replier.certificateValue.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['driving_licence', 'no_criminal_record']));
    },
  );

  says(
    'The payment settler can issue this kind of certificate by signing it with its private key so anyone can verify that ' +
      'the specific certificate was truly issued by the issuing organization. [CRT-02, CRT-04]',
    () => {
      const verify = (chain: typeof cast.workerChain) =>
        verifyChain(chain, 'worker', cast.trust, cast.nowMs);
      expect(isFault(verify(cast.workerChain))).toBe(false);
      const byMallory = [cast.certificate({ certificateName: 'worker' }, cast.mallory)];
      expect(isFault(verify([...byMallory, cast.settlerCertificate]))).toBe(true);
    },
  );
});

describe('Asking For Broadcast', () => {
  says(
    'Anyone can verify the RequestPayload by validating its signature with the sender’s public key from the certificate. [ASK-02, ASK-06]',
    () => {
      const { key } = cast.customer;
      expect(isSignedBy(cast.request, 'request', 'regtest', key)).toBe(true);
      expect(isSignedBy(cast.forged(cast.request), 'request', 'regtest', key)).toBe(false);
    },
  );

  says('Some nodes might wish not to broadcast the RequestPayload more than once [ASK-05]', () => {
    const node = someNode({ multibroadcast: 1 });
    const [one, two] = [new Neighbour(node, 'one'), new Neighbour(node, 'two')];
    one.work();
    two.work();
    one.broadcast(cast.request, one.ask(cast.request));
    const [declined] = two.ask(cast.request).effects;
    expect(declined).toMatchObject({ frame: { kind: 'decline', reason: 'seen' } });
  });
});

describe('Proof Of Work (POW)', () => {
  says(
    'the task is to compute the hash of the specific payload so the hash itself is lower or equal to a specific target [WRK-07]',
    () => {
      const [inner, nonce] = [cast.seedOf('inner'), new Uint8Array(8)];
      const work = hash(inner, nonce);
      expect(verifyWork(inner, nonce, work)).toBeNull();
      const below = work.slice();
      below[31]! -= 1;
      expect(compare(below, work)).toBeLessThan(0);
      expect(verifyWork(inner, nonce, below)?.code).toBe('POW_ABOVE_TARGET');
    },
  );
});

describe('Onion-routing', () => {
  const [broadcast] = received(ended.m2, 'broadcast');
  const { backwardOnion, signedRequestPayload } = read(
    BroadcastPayload,
    broadcast!.broadcastPayload,
  );
  const payloadId = payloadIdOf(signedRequestPayload);
  const peel = ({ node }: Seat) =>
    peelOnion(backwardOnion, { secret: node.onionSecret, payloadId, random: cast.dice('peel') });

  says('only the next peer can decrypt that layer of the onion [ONI-02, ONI-03]', () => {
    for (const seat of ended.line) expect(isFault(peel(seat))).toBe(seat !== ended.m2);
  });

  says('none of the nodes knows the sender nor the distant peers [ONI-03, ONI-07, NET-14]', () => {
    const peeled = peel(ended.m2);
    if (isFault(peeled)) throw new Error(peeled.code);
    expect(peeled.head).toMatchObject({ peer: ended.m1.node.self });
    const shown = hexOf(peeled.rest) + JSON.stringify(peeled.head);
    expect(shown).not.toContain(ended.customer.node.self);
  });
});

describe('Broadcast with POW', () => {
  const payloads = [ended.m1, ended.m2, ended.worker].map((seat) =>
    read(BroadcastPayload, received(seat, 'broadcast')[0]!.broadcastPayload),
  );

  says(
    'Each step of the broadcast involves passing a specific BroadcastPayload that consists of RequestPayload that is never ' +
      'changed and protected by the cryptographic signature. Additionally, every BroadcastPayload adds a new layer to the ' +
      'backward_onion. [BRC-04]',
    () => {
      const requests = payloads.map(({ signedRequestPayload: { body } }) => hexOf(body));
      expect(new Set(requests).size).toBe(1);
      const onions = payloads.map((payload) => hexOf(payload.backwardOnion));
      expect(new Set(onions).size).toBe(3);
    },
  );

  says(
    'In the gossip protocol nodes are randomly selected from the list of all the known peers of the originator. [BRC-05, BRC-08, BRC-10, ASK-08, ASK-09, NET-16]',
    () => {
      const node = someNode();
      const near = Array.from(
        { length: defaultPolicy.fanout + 3 },
        (_, i) => new Neighbour(node, `n${i}`),
      );
      const [first] = near as [Neighbour];
      first.work();
      const effects = first.broadcast(cast.request, first.ask(cast.request));
      const asked = effects.flatMap((effect) => (effect.do === 'mine' ? [effect.id] : []));
      expect(asked).toHaveLength(defaultPolicy.fanout);
      expect(asked).not.toContain(`session/${first.device.peer}`);
      const inOrder = near.map(({ device }) => `session/${device.peer}`);
      expect(asked).not.toEqual(inOrder.slice(1, 1 + defaultPolicy.fanout));
    },
  );
});

describe('HODL invoices, payments, preimages and payment-hashes', () => {
  says('Payment hash is a hash of preimage [PAY-01]', () => {
    expect(paymentHashOf(deal.networkPreimage)).toBe(hexOf(hash(deal.networkPreimage)));
    expect(isPreimageOf(deal.networkPreimage, deal.networkHash)).toBe(true);
  });

  says(
    'Accepted invoice is Settled once the preimage is revealed and the issuer can use funds. [PAY-02, PAY-03]',
    () => {
      for (const seat of [ended.m1, ended.m2]) {
        const [leg] = seat.node.legs.values();
        expect(leg).toMatchObject({ state: 'Ended', end: 'settled' });
        expect(told(seat, 'paymentSettled')[0]).toBeLessThan(told(seat, 'invoiceSettled')[0]!);
      }
    },
  );

  says(
    'If the preimage is not revealed within the specific time frame, the payment is Cancelled and the payer can use funds ' +
      'somewhere else.',
    () => {
      const { town, settler, customer } = driveTo('matched');
      const [job] = customer.node.jobs.values();
      town.mine(limits.unlockBlocks + limits.startBlocks + limits.maxJobBlocks);
      const [settlement] = settler.node.settlements.values();
      expect(settlement!.published.outcome).toBeDefined();
      expect([...customer.node.jobs.values()][0]).toMatchObject({ money: { reply: 'failed' } });
      expect(job).toMatchObject({ money: { reply: 'pending' } });
    },
  );
});

describe('Cryptographic Payment Chains based on HODL invoices', () => {
  const issued = [ended.settler, ended.m2, ended.m1].map(
    (seat) =>
      seat.life.flatMap(({ effects }) =>
        effects.flatMap((effect) => (effect.do === 'issueInvoice' ? [effect] : [])),
      )[0]!,
  );

  says(
    'Issuers in the chain, one after another are generating HODL invoices using the same payment hash received from the ' +
      'settler.',
    () => {
      expect(new Set(issued.map(({ paymentHash }) => paymentHash)).size).toBe(1);
      const amounts = issued.map(({ amountMsat }) => amountMsat);
      expect(amounts).toEqual([10_000n, 22_000n, 35_000n]);
    },
  );

  says('Preimage must be revealed only after the settler receives the payment. [PAY-05]', () => {
    const [accepted] = told(ended.settler, 'invoiceAccepted');
    const [settled] = asks(ended.settler, 'settleInvoice');
    expect(accepted).toBeLessThan(settled!);
  });
});

describe('Replying', () => {
  says('so only the sender can read it [RPL-05, NET-14]', () => {
    const context = bytesOf(cast.payloadId);
    const sealed = deal.honest.frame.encryptedReplyPayload;
    const open = (secret: Uint8Array) => openSealed({ purpose: 'reply', secret, context, sealed });
    expect(open(cast.customer.secret)).toEqual(deal.honest.plain);
    for (const { secret } of [cast.settler, cast.worker]) expect(open(secret)).toBeNull();
  });

  says('One of them is the hash_of_encrypted_reply_payload. [RPL-03]', () => {
    const [frame] = received(ended.customer, 'reply');
    const promise = read(SettlementPromise, frame!.signedSettlementPromise.body);
    expect(promise.encryptedPayloadHash).toBe(hexOf(hash(frame!.encryptedReplyPayload)));
  });

  says(
    'each of the middlemen adds its price on top of the invoiced one and replaces the network invoice with the new one, ' +
      'making sure that the network_payment_hash remains the same on the entire chain [RPL-09, PAY-03]',
    () => {
      const invoices = [ended.m2, ended.m1, ended.customer].map((seat) => {
        const fields = readInvoice(received(seat, 'reply')[0]!.networkInvoice);
        if (isFault(fields)) throw new Error(fields.code);
        return fields;
      });
      expect(new Set(invoices.map(({ paymentHash }) => paymentHash)).size).toBe(1);
      expect(invoices.map(({ amountMsat }) => amountMsat)).toEqual([10_000n, 22_000n, 35_000n]);
    },
  );

  says(
    'Once it reaches the sender and the sender Accepts the network invoice by paying for it, the chain of acceptances ' +
      'reaches the replier, then it reaches the settler and Once the settler settles its invoice the chain of settlement ' +
      'reaches the sender.',
    () => {
      const { customer, m1, m2, settler } = ended;
      const acceptances = [m1, m2, settler].map((seat) => told(seat, 'invoiceAccepted')[0]!);
      const settlements = [settler, m2, m1].map((seat) => told(seat, 'invoiceSettled')[0]!);
      const chain = [asks(customer, 'payInvoice')[0]!, ...acceptances, ...settlements];
      expect(chain).toEqual([...chain].sort((a, b) => a - b));
    },
  );
});

describe('Mobile device connectivity issues', () => {
  says(
    'the only fair solution is to make sure the settler will settle the network payment at the time the service was ' +
      'delivered and the reply payment was settled [PAY-14, PAY-16]',
    () => {
      const { settler } = driveTo('matched');
      expect(asks(settler, 'settleInvoice')).toEqual([]);
      const [decided] = asks(ended.settler, 'settleInvoice');
      const [confirmed] = asks(ended.customer, 'send statements confirmation');
      expect(decided).toBeGreaterThan(confirmed!);
    },
  );
});
