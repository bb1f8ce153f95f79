/** Where we differ from the whitepaper, sentence by sentence: what it says, and after the dash what we do. */
import { describe, expect } from 'vitest';
import { compare, hexOf } from '../src/lib/protocol/bytes.ts';
import { hash } from '../src/lib/protocol/crypto.ts';
import {
  expectedHashes,
  limits,
  onionBytes,
  onionSlotBytes,
  payloadIdOf,
  targetForBits,
  verifyWork,
  workInner,
} from '../src/lib/protocol/index.ts';
import { stepNode } from '../src/lib/protocol/node.ts';
import { stepLeg } from '../src/lib/protocol/roles/leg.ts';
import { BroadcastPayload } from '../src/lib/protocol/wire/messages.ts';
import * as cast from './protocol/cast.ts';
import { before, differs, ended, received } from './protocol/paper.ts';
import { nameOf } from './protocol/play.ts';
import { read } from './protocol/samples.ts';
import { driveTo } from './protocol/town.ts';

describe('where we differ', () => {
  differs(
    'The larger target is the more complex and costly the computation is. [WRK-07]',
    'The lower.',
    () => {
      const [easy, hard] = [targetForBits(8), targetForBits(20)];
      expect(compare(easy, hard)).toBeGreaterThan(0);
      expect(expectedHashes(easy)).toBeLessThan(expectedHashes(hard));
    },
  );

  differs(
    'it is the requested responsibility to ensure the uniqueness of payload_id [ASK-04]',
    'It is computed.',
    () => {
      const again = cast.makeRequest({ nonce: cast.seedOf('again').subarray(0, 16) });
      expect(payloadIdOf(again)).not.toBe(cast.payloadId);
      expect(payloadIdOf(cast.makeRequest())).toBe(cast.payloadId);
    },
  );

  differs(
    'AskForBroadcastFrame contains ask_identifier and digitally signed RequestPayload. [ASK-01, ASK-10]',
    'It has its digest.',
    () => {
      const [ask] = received(ended.m1, 'askForBroadcast');
      expect(Object.keys(ask!)).toEqual([
        'kind',
        'askId',
        'payloadId',
        'topicKind',
        'coarseArea',
        'size',
        'wouldPay',
      ]);
      expect(ask!.coarseArea).toHaveLength(4);
    },
  );

  differs(
    'the onion grows layer by layer [ONI-06]',
    'It is of one size, so that nobody sees how far the sender is.',
    () => {
      const [first] = received(ended.m1, 'broadcast');
      const [last] = received(ended.worker, 'broadcast');
      const lengths = [first!, last!].map(
        ({ broadcastPayload }) => read(BroadcastPayload, broadcastPayload).backwardOnion.length,
      );
      expect(lengths).toEqual([onionBytes, onionBytes]);
      expect(onionBytes).toBe(8 * onionSlotBytes);
    },
  );

  differs(
    'forward_onion […] each of the middlemen is peeling one layer of the onion [ONI-04]',
    'At the broadcast, not at the reply.',
    () => {
      const [passage] = ended.m1.node.passages.values();
      expect(passage).toMatchObject({ state: 'Carrying' });
      const [reply] = received(ended.customer, 'reply');
      expect(passage).toHaveProperty('rest', reply!.forwardOnion);
    },
  );

  differs(
    'timestamp≤ now≤ timestamp+timestamp_tolerance [WRK-11]',
    'And 2 s ahead, by the clock the peer said hello with.',
    () => {
      const arriving = (offMs: number) => {
        const { node, lived } = before(ended.m1, 'broadcast');
        const effects = stepNode(node, lived.event, lived.nowMs + offMs, lived.seed);
        return effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));
      };
      for (const offMs of [-limits.timestampAheadMs, 0, limits.timestampToleranceMs]) {
        expect(arriving(offMs)).toEqual([]);
      }
      for (const offMs of [-limits.timestampAheadMs - 1, limits.timestampToleranceMs + 1]) {
        expect(arriving(offMs)).toEqual(['TIMESTAMP_OUT_OF_TOLERANCE']);
      }
    },
  );

  differs(
    'a hash value (nuance) […] computed as a hash of broadcast_payload part [WRK-09]',
    'And of the ask, its challenge and both peers.',
    () => {
      const { askId, broadcastPayload, proof } = received(ended.m1, 'broadcast')[0]!;
      if (proof.kind !== 'proofOfWork') throw new Error('this ride is worked for');
      const { challenge } = received(ended.customer, 'conditions')[0]!.workRequest;
      const work = {
        request: { powScheme: 'sha256', powTarget: proof.powTarget, challenge },
        payloadHash: hash(broadcastPayload),
        askId,
        asker: ended.customer.node.self,
        receiver: ended.m1.node.self,
      } as const;
      expect(verifyWork(workInner(work), proof.nonce, proof.powTarget)).toBeNull();
      const elsewhere = { ...work, receiver: ended.m2.node.self };
      expect(workInner(elsewhere)).not.toEqual(workInner(work));
    },
  );

  differs(
    'the preimage being the key allows to decode the message [STL-01, STL-02]',
    'Three secrets, and the contact opens with K.',
    () => {
      const [settlement] = ended.settler.node.settlements.values();
      const { unlockingKey, networkPreimage, replyPreimage } = settlement!.deal;
      expect(new Set([unlockingKey, networkPreimage, replyPreimage].map(hexOf)).size).toBe(3);
    },
  );

  differs(
    'Replier receives the first network_invoice from the settler, puts network fee on top [RPL-10]',
    'Its fee is in its price.',
    () => {
      const [fromSettler] = received(ended.worker, 'draft');
      const [onItsWay] = received(ended.m2, 'reply');
      expect(onItsWay!.networkInvoice).toBe(fromSettler!.networkInvoice);
    },
  );

  differs(
    'it can be done by the settler using its public HTTP endpoint [PAY-09, STL-11]',
    'By a frame: whoever watches is told.',
    () => {
      const [leg] = driveTo('matched').m1.node.legs.values();
      const { paymentHash } = leg!.terms;
      const event = { on: 'paymentFailed', paymentHash, reason: '' } as const;
      const [consulting, effects] = stepLeg(leg!, event, cast.context());
      expect(consulting.state).toBe('Consulting');
      expect(effects.map(nameOf)).toContain('send watch');
    },
  );
});
