/**
 * What Sweet-Gossip says of replies without a settler, sentence by sentence, and the code that does so; and which test proves
 * each THX rule. `whitepaper.test.ts` does the same for the whitepaper.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hash } from '../src/lib/protocol/crypto.ts';
import { bytesOf, hexOf } from '../src/lib/protocol/bytes.ts';
import type { PaymentHash } from '../src/lib/protocol/ids.ts';
import { readInvoice } from '../src/lib/protocol/job/bolt11.ts';
import { expectedHashes } from '../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../src/lib/protocol/limits.ts';
import { thanklessBits, withheld, type Thankless } from '../src/lib/protocol/job/thank-you.ts';
import {
  BroadcastPayload,
  RequestPayload,
  ThankYouHash,
} from '../src/lib/protocol/wire/messages.ts';
import { asks, differs, received, says } from './protocol/paper.ts';
import { read } from './protocol/samples.ts';
import { done, driveTo, madeOf, takenOf } from './protocol/thank-you-ride.ts';
import * as thanks from './protocol/thanks.ts';

const ride = driveTo('met');
ride.town.pass(60_000);
const { customer, m1, m2, worker } = ride;
const thank = takenOf(ride);
const made = madeOf(ride);
if (thank.state !== 'Met' || made.state !== 'Met') throw new Error('they did not meet');

describe('Favour-Conditions', () => {
  const [first, ...others] = [customer, m1, m2].flatMap((seat) => received(seat, 'conditions'));

  says(
    'favour is a unique number combined with the timestamp of now, pow scheme specifies the PoW algorithm that the peer is willing to use (e.g. SHA256), pow complexity specifies the expected complexity of pow scheme [WRK-02]',
    () => {
      const { askId, validForMs, workRequest } = first!;
      expect(others.length).toBeGreaterThan(0);
      expect(others.map((other) => other.askId)).not.toContain(askId);
      expect(validForMs).toBe(limits.askValidForMs);
      expect(workRequest.powScheme).toBe('sha256');
      expect(expectedHashes(workRequest.powTarget)).toBeGreaterThan(0);
    },
  );
});

describe('Broadcast', () => {
  differs(
    'nounce or utxo, favour, message, originator "thank you secret" Public Key, reply price',
    'favour, nonce and message in one frame; price and thank-you key for each reply, in the frame that thanks for it [BRC-02]',
    () => {
      const { askId } = received(m2, 'conditions')[0]!;
      const sent = received(worker, 'broadcast')[0]!;
      expect(sent.askId).toBe(askId);
      const { signedRequestPayload } = read(BroadcastPayload, sent.broadcastPayload);
      expect(sent.proof).toMatchObject({ kind: 'proofOfWork', powScheme: 'sha256' });
      expect(read(RequestPayload, signedRequestPayload.body).topic).toEqual(made.offer.topic);
      const { thankYouHash, thankYouInvoice } = received(worker, 'thankYouHash')[0]!;
      expect(read(ThankYouHash, thankYouHash.body).paymentHash).toBe(made.price.paymentHash);
      expect(readInvoice(thankYouInvoice)).toMatchObject({ amountMsat: made.price.amountMsat });
    },
  );

  differs(
    'originator "thank you secret" Public Key | public key',
    'one key a topic would open the payment of every replier: a fresh hash for each reply, signed by the originator [THX-01]',
    () => {
      const { broadcastPayload } = received(worker, 'broadcast')[0]!;
      const { signedRequestPayload } = read(BroadcastPayload, broadcastPayload);
      const request = read(RequestPayload, signedRequestPayload.body);
      expect(request.acceptsThankYou).toBe(true);
      const hashes = received(worker, 'thankYouHash').map(({ thankYouHash }) =>
        read(ThankYouHash, thankYouHash.body),
      );
      expect(hashes[0]!.paymentHash).toBe(hexOf(hash(thank.thanks.secret)));
      expect(hashes[0]!.replyDigest).toBe(thank.reply.digest);
    },
  );

  differs(
    'reply lightning network address | lnaddr [...] reply price | satoshis',
    'an invoice by each middleman, which comes with the thank you and not with the broadcast, when routes and fees are known [THX-02]',
    () => {
      const invoices = [m1, m2, worker].map(
        (seat) => received(seat, 'thankYouHash')[0]!.thankYouInvoice,
      );
      expect(new Set(invoices).size).toBe(3);
      expect(made.price.invoice).toBe(invoices[2]);
      expect(made.price.amountMsat).toBeGreaterThan(limits.thankYouMsat);
    },
  );

  says(
    'The Replying node is doing it to the selected node that was the source of the broadcast frame.',
    () => {
      expect(made.offer.upstream).toBe(m2.node.self);
      expect(received(m2, 'thankYouReply')).toHaveLength(1);
    },
  );

  says('Replying to the broadcast is an expensive activity.', () => {
    const [paid] = done(worker, 'payInvoice');
    expect(paid).toMatchObject({ amountMsat: made.price.amountMsat });
    expect(done(customer, 'payInvoice')).toEqual([]);
  });

  says(
    'The expense is secured by the condition of having confirmation from the initial node that the reply message was delivered back.',
    () => {
      const [held] = asks(m1, 'payInvoice');
      const [said] = asks(customer, 'settleInvoice');
      const [collected] = asks(m2, 'settleInvoice');
      expect([held! < said!, said! < collected!]).toEqual([true, true]);
    },
  );

  says(
    'Also, the reply is encrypted together with the original message so the originator can always verify the consistency of the message.',
    () => {
      const sealed = received(customer, 'thankYouReply')[0]!.encryptedPayload;
      expect(received(m2, 'thankYouReply')[0]!.encryptedPayload).toEqual(sealed);
      expect(thanks.honest.payload.signedRequestPayload).toEqual(thanks.request);
    },
  );

  says('[on two conditions:] timeout', () => {
    expect(made.price.fundBy).toBeLessThanOrEqual(made.price.paidAt + limits.thankYouBlocks);
    expect(made.price.finalCltv).toBeLessThanOrEqual(limits.maxFinalCltv);
  });

  says(
    'receiving the "thank you secret Private Key" from the originator of the broadcasting message',
    () => {
      const [settled] = worker.life.flatMap(({ event }) =>
        event.on === 'paymentSettled' ? [event] : [],
      );
      expect(settled!.preimage).toEqual(thank.thanks.secret);
      expect(made.price.paymentHash).toBe(hexOf(hash(settled!.preimage)) as PaymentHash);
    },
  );
});

describe('Validation and Verification', () => {
  differs(
    'The originator is decompressing the message using his PrivateKey and compares the message with the original message.',
    'the contact in it stays locked until the thank you is said: releasing buys the contact',
    () => {
      expect(asks(worker, 'send contactKey')[0]).toBeGreaterThan(
        asks(customer, 'settleInvoice')[0]!,
      );
      expect(thank.contactText).toBe('Ola, white Skoda');
    },
  );

  says(
    'the next step is to directly call the replying party and confirm that there was no message intrusion by sending the message directly to its inet-addr',
    () => {
      expect(thank.channel.peer).toBe(worker.node.self);
      expect(received(worker, 'contact').length).toBeGreaterThan(0);
      expect(received(m1, 'contact')).toEqual([]);
      expect(thank.channel.opening).toBe(made.offer.messageDigest);
    },
  );

  says(
    'If the response is OK then the originator is sure that the reply was not compromised by any of the broadcasting nodes.',
    () => {
      expect(thank.channel.validated).toBe(true);
    },
  );

  differs(
    'In the end, the originator should reply with the "thank you secret" back to its broadcasting peer.',
    'the text says the originator, the diagram the replier: the originator has the secret, which settles hop by hop [THX-09]',
    () => {
      const settles = [customer, m1, m2].map((seat) => asks(seat, 'settleInvoice')[0]!);
      expect(settles).toEqual([...settles].sort((a, b) => a - b));
      expect(done(worker, 'settleInvoice')).toEqual([]);
    },
  );
});

describe('Thank you', () => {
  differs(
    'originator "thank you secret" Private Key | number',
    '32 bytes: the preimage of every payment in the chain',
    () => {
      for (const seat of [customer, m1, m2]) {
        const [settle] = done(seat, 'settleInvoice');
        expect(settle).toMatchObject({ preimage: thank.thanks.secret });
      }
      expect(bytesOf(made.price.paymentHash)).toHaveLength(32);
    },
  );
});

describe('Lack of Thank you and increase in PoW complexity/or network cost', () => {
  says('the broadcaster can decide to increase the Pow complexity for the next interaction', () => {
    let known: Thankless | undefined;
    const bits = [1, 2, 3].map((n) => {
      known = withheld(known, n);
      return thanklessBits(known, n);
    });
    // Twice the work after the first, eight times after the third (ATK-27).
    expect(bits).toEqual([1, 2, 3]);
  });
});

/** Each THX rule of the requirements, and where it is proven: a test's file, and what its title holds. */
const proofs: Readonly<Record<string, readonly (readonly [file: string, title: string])[]>> = {
  'THX-01': [
    ['sweet-gossip', '[THX-01]'],
    ['protocol/thank-you', 'a fresh hash for one reply'],
  ],
  'THX-02': [
    ['sweet-gossip', '[THX-02]'],
    ['protocol/thank-you-flow', 'each hop keeps its fee'],
  ],
  'THX-03': [['protocol/thank-you-replier', 'never costs more than its own limit']],
  'THX-04': [['protocol/thank-you-sender', 'only once its own invoice is Accepted']],
  'THX-05': [['protocol/thank-you', 'its sender opens, and nobody else']],
  'THX-06': [
    ['stories/thank-you', 'replied, thanked, met'],
    ['protocol/thank-you', 'opens the message that was signed'],
  ],
  'THX-07': [['protocol/thank-you-flow', 'the thank you paid everybody on the way']],
  'THX-08': [
    ['protocol/thank-you-withheld', 'twice the work next time, eight times after the third'],
  ],
  'THX-09': [['sweet-gossip', '[THX-09]']],
};

test.each(Object.entries(proofs))('%s is proven by tests that exist', (_rule, where) => {
  for (const [file, title] of where) {
    expect(readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8')).toContain(title);
  }
});
