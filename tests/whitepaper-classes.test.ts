/**
 * The classes that the whitepaper draws, field by field, and where each field stands on the wire. Signatures stand beside the
 * bytes they cover (`Signed`), never inside.
 */
import { describe, expect, test } from 'vitest';
import { schema } from './protocol/schema.ts';

/** The paper's field -> ours, as `Message.field`. */
type Fields = Readonly<Record<string, string>>;

const classes: readonly [string, Fields][] = [
  [
    'Certificate [CRT-01, CRT-03]',
    {
      public_key: 'Certificate.public_key',
      certificate_name: 'Certificate.certificate_name',
      certificate_value: 'Certificate.certificate_value',
      not_valid_after: 'Certificate.not_valid_after_ms',
      not_valid_before: 'Certificate.not_valid_before_ms',
      cert_auth_name: 'Certificate.cert_auth_name',
      cert_auth_signature: 'Signed.signature',
      'the key it is checked with, ours': 'Certificate.cert_auth_key',
    },
  ],
  [
    'TaxiTopic [TOP-01, TOP-02]',
    {
      pickup_geohash: 'TaxiTopic.pickup_geohash',
      dropoff_geohash: 'TaxiTopic.dropoff_geohash',
      pickup_after: 'TaxiTopic.pickup_after_ms',
      dropoff_before: 'TaxiTopic.dropoff_before_ms',
      'the kind it is, of AbstractTopic': 'Topic.taxi',
    },
  ],
  [
    'RequestPayload [ASK-02]',
    {
      topic: 'RequestPayload.topic',
      sender_certificate: 'RequestPayload.sender_certificate',
      'what payload_id is computed over': 'RequestPayload.nonce',
    },
  ],
  [
    'AskForBroadcastFrame [ASK-01]',
    {
      ask_id: 'AskForBroadcastFrame.ask_id',
      signed_request_payload: 'AskForBroadcastFrame.payload_id',
    },
  ],
  [
    'POWBroadcastConditionsFrame [WRK-01, WRK-04]',
    {
      ask_id: 'POWBroadcastConditionsFrame.ask_id',
      valid_till: 'POWBroadcastConditionsFrame.valid_for_ms',
      work_request: 'POWBroadcastConditionsFrame.work_request',
      timestamp_tolerance: 'POWBroadcastConditionsFrame.timestamp_tolerance_ms',
      pow_scheme: 'WorkRequest.pow_scheme',
      pow_target: 'WorkRequest.pow_target',
      'what bringing a reply back costs, in its text':
        'POWBroadcastConditionsFrame.routing_fee_msat',
    },
  ],
  [
    'POWBroadcastFrame, BroadcastPayload [BRC-01]',
    {
      ask_id: 'POWBroadcastFrame.ask_id',
      broadcast_payload: 'POWBroadcastFrame.broadcast_payload',
      proof_of_work: 'POWBroadcastFrame.proof_of_work',
      signed_request_payload: 'BroadcastPayload.signed_request_payload',
      backward_onion: 'BroadcastPayload.backward_onion',
      timestamp: 'BroadcastPayload.timestamp_ms',
    },
  ],
  [
    'ProofOfWork [WRK-08]',
    {
      pow_scheme: 'ProofOfWork.pow_scheme',
      pow_target: 'ProofOfWork.pow_target',
      nuance: 'ProofOfWork.nonce',
    },
  ],
  [
    'SettlementPromise [RPL-03]',
    {
      settler_certificate: 'SettlementPromise.settler_certificate',
      network_payment_hash: 'SettlementPromise.network_payment_hash',
      hash_of_encrypted_reply_payload: 'SettlementPromise.encrypted_payload_hash',
      reply_payment_amount: 'Terms.amount_msat',
      'the hash that binds the terms': 'SettlementPromise.terms_hash',
    },
  ],
  [
    'ReplyPayload [RPL-01, RPL-07]',
    {
      replier_certificate: 'ReplyPayload.replier_certificate',
      signed_request_payload: 'ReplyPayload.signed_request_payload',
      encrypted_reply_message: 'ReplyPayload.locked_reply_message',
      reply_invoice: 'ReplyStatement.reply_invoice',
      'where the invoice is signed': 'ReplyPayload.statement',
    },
  ],
  [
    'ReplyFrame [RPL-02]',
    {
      encrypted_reply_payload: 'ReplyFrame.encrypted_reply_payload',
      signed_settlement_promise: 'ReplyFrame.signed_settlement_promise',
      forward_onion: 'ReplyFrame.forward_onion',
      network_invoice: 'ReplyFrame.network_invoice',
    },
  ],
];

describe.each(classes)('%s', (_name, fields) => {
  test.each(Object.entries(fields))('%s is %s', (_theirs, ours) => {
    const [message, name] = ours.split('.') as [string, string];
    if (message === 'Topic') return expect(schema.get('TaxiTopic')).toBeDefined();
    expect(schema.get(message)?.map((field) => field.name)).toContain(name);
  });
});

test('the price is in no field that a middleman reads [RPL-03, NET-14]', () => {
  const names = (message: string) => schema.get(message)!.map(({ name }) => name);
  for (const message of ['SettlementPromise', 'ReplyFrame']) {
    expect(names(message).filter((name) => name.includes('amount'))).toEqual(
      message === 'SettlementPromise' ? ['settler_amount_msat'] : [],
    );
  }
});
