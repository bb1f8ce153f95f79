import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { stepNode } from '../../src/lib/protocol/node.ts';
import { publicKeyOf } from '../../src/lib/protocol/crypto.ts';
import { partySecret } from '../../src/lib/protocol/node/state.ts';
import {
  BatchRequest,
  Certificate,
  CertificateApplication,
} from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { read } from './samples.ts';
import { topics } from './topics.ts';
import { type Seat } from './town.ts';

import {
  office,
  rejections,
  post,
  senders,
  ownOf,
  membershipOf,
  judge,
  got,
  checkedAll,
  type Office,
} from './office.ts';

describe('a batch of job certificates', () => {
  test('is what one approved application yields: 32, alike but for the key [CRT-03, NET-05]', () => {
    const { customer } = office();
    const own = ownOf(customer);
    const bodies = own.certificates.map(({ body }) => read(Certificate, body));
    expect(bodies).toHaveLength(limits.batch);
    expect(new Set(bodies.map(({ publicKey }) => publicKey)).size).toBe(limits.batch);
    const rest = bodies.map(({ publicKey: _key, ...others }) => JSON.stringify(others));
    expect(new Set(rest).size).toBe(1);
    expect(encodeFrame(got(customer, 'batch')[0]!).length).toBeLessThan(16_384);
  });

  test('holds for whole days, seven at most', () => {
    const { notValidBeforeMs, notValidAfterMs } = read(
      Certificate,
      ownOf(office().customer).certificates[0]!.body,
    );
    expect([notValidBeforeMs % limits.dayMs, notValidAfterMs % limits.dayMs]).toEqual([0, 0]);
    expect(notValidAfterMs - notValidBeforeMs).toBeLessThanOrEqual(7 * limits.dayMs);
  });

  test("gives each job a key of its own, and none is the member's [TOP-09, NET-05]", () => {
    const { town, customer, settler } = office();
    for (let i = 0; i < 3; i++) post(town, customer);
    const keys = senders(customer).map(({ publicKey }) => publicKey);
    expect(new Set(keys).size).toBe(3);
    expect(keys).not.toContain(membershipOf(settler, 'customer').publicKey);
  });

  test('is renewed before it runs out, without anybody asking', () => {
    const { town, customer } = office();
    for (let i = 0; i < 40; i++) post(town, customer);
    expect(rejections(customer)).toEqual([]);
    expect(new Set(senders(customer).map(({ publicKey }) => publicKey)).size).toBe(40);
    expect(ownOf(customer).batch).toBe(2);
  });

  test('is renewed before it expires', () => {
    const { town, customer } = office();
    town.nowMs += 6 * limits.dayMs; // the device slept
    town.pass(1);
    expect(ownOf(customer).batch).toBe(2);
    town.nowMs += 2 * limits.dayMs;
    town.pass(1);
    post(town, customer);
    expect(rejections(customer)).toEqual([]);
  });

  test('holds until its topic takes no more offers; else a newer one is awaited [CRT-06, TOP-06]', () => {
    const { town, customer } = office();
    const day = limits.dayMs;
    town.nowMs += 2 * day; // the device slept; what it has runs out in less than five days
    const stay = (openUntilMs: number) => ({ ...topics.stay, openUntilMs });
    town.command(customer, { command: 'postJob', topic: stay(town.nowMs + 4 * day) });
    expect(senders(customer)).toHaveLength(1);
    town.command(customer, { command: 'postJob', topic: stay(town.nowMs + 6 * day) });
    expect(rejections(customer)).toEqual(['CERTIFICATE_AWAITED']);
    town.command(customer, { command: 'postJob', topic: stay(town.nowMs + 6 * day) });
    expect(ownOf(customer).batch).toBe(2);
    const ends = senders(customer).map(({ notValidAfterMs }) => notValidAfterMs);
    expect(ends[1]! >= town.nowMs + 6 * day).toBe(true);
  });

  test('that is used up while the settler is away is awaited, and said so', () => {
    const { town, customer, settler } = office();
    town.onFrame = (_from, to, bytes) => (to === settler ? null : bytes);
    for (let i = 0; i < limits.batch; i++) post(town, customer);
    expect(rejections(customer)).toEqual([]);
    post(town, customer);
    expect(rejections(customer)).toEqual(['CERTIFICATE_AWAITED']);
    town.onFrame = (_from, _to, bytes) => bytes;
    town.pass(2 * limits.repeatMs);
    post(town, customer);
    expect(senders(customer)).toHaveLength(limits.batch + 1);
  });

  test('is not used twice, though the device starts anew in between', () => {
    const { town, customer } = office();
    post(town, customer);
    town.restart(customer);
    post(town, customer);
    const keys = senders(customer).map(({ publicKey }) => publicKey);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
  });

  test('stays whole when its answer is lost and asked for again', () => {
    const { town, customer } = office();
    let lost = 0;
    town.onFrame = (_from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const drop = to === customer && 'kind' in frame && frame.kind === 'batch' && lost++ < 2;
      return drop ? null : bytes;
    };
    for (let i = 0; i < limits.batch; i++) post(town, customer);
    town.pass(60_000);
    expect(lost).toBe(3);
    expect(ownOf(customer).batch).toBe(2);
  });
});

describe('a membership', () => {
  test('says what its settler ticked, and nothing else [CRT-07, STL-09]', () => {
    const { town, settler, worker } = office({});
    const properties = [{ name: 'driving_licence', value: 'checked' }];
    const applicationId = judge(settler, 'worker');
    expect(ownOf(worker)).toMatchObject({ state: 'open', certificates: [] });
    town.command(settler, { command: 'approveApplication', applicationId, properties });
    expect(ownOf(worker)).toMatchObject({ state: 'active', properties });
    const [first] = ownOf(worker).certificates;
    expect(read(Certificate, first!.body).certificateValue).toEqual(properties);
  });

  test('approved automatically says what its policy states: nothing, unless something is', () => {
    const silent = office({ approveAutomatically: true });
    expect(ownOf(silent.worker)).toMatchObject({ state: 'active', properties: [] });
    const { customer, worker } = office();
    expect(ownOf(worker).properties).toEqual(checkedAll);
    expect(ownOf(customer).properties).toEqual([checkedAll[0]]);
  });

  test.each<[string, { readonly name: string; readonly value: string }[]]>([
    ['of no known name', [{ name: 'nice', value: 'checked' }]],
    ['with another value', [{ name: 'identity', value: 'Ola Nordmann' }]],
    ['of another kind of member', [{ name: 'driving_licence', value: 'checked' }]],
    ['said twice', [checkedAll[0]!, checkedAll[0]!]],
  ])('of a customer cannot say a property %s', (_name, properties) => {
    const { town, settler } = office({});
    const applicationId = judge(settler, 'customer');
    town.command(settler, { command: 'approveApplication', applicationId, properties });
    expect(rejections(settler)).toEqual(['PROPERTY_UNKNOWN']);
    expect(membershipOf(settler, 'customer').state).toBe('open');
  });

  test('that was refused says why, and can be asked for again', () => {
    const { town, settler, customer, root } = office({});
    const applicationId = judge(settler, 'customer');
    const refusal = { command: 'refuseApplication', applicationId } as const;
    town.command(settler, { ...refusal, reason: ' ' });
    expect(rejections(settler)).toEqual(['TEXT_EMPTY']);
    town.command(settler, { ...refusal, reason: 'Come by with your papers.' });
    expect(ownOf(customer)).toMatchObject({
      state: 'refused',
      reason: 'Come by with your papers.',
    });
    const again = { command: 'applyForCertificate', root, name: 'customer' } as const;
    town.command(customer, { ...again, statement: 'I came by.' });
    expect(ownOf(customer).state).toBe('open');
    expect(customer.node.ownMemberships.size).toBe(1);
  });

  test('is not asked for with nothing to say', () => {
    const { town, customer, root } = office({});
    const apply = { command: 'applyForCertificate', root, name: 'worker' } as const;
    town.command(customer, { ...apply, statement: ' \n' });
    expect(rejections(customer)).toEqual(['TEXT_EMPTY']);
  });

  test('keeps a record on disk of what was done with it [STL-10]', () => {
    const { town, settler, worker } = office();
    const applicationId = judge(settler, 'worker');
    town.command(settler, {
      command: 'revokeMembership',
      applicationId,
      reason: 'Licence lost.',
      atOnce: false,
    });
    town.restart(settler);
    const { audit, issued, statement } = membershipOf(settler, 'worker');
    expect(audit.map(({ did }) => did)).toEqual(['applied', 'approved', 'issued', 'revoked']);
    expect(audit.at(-1)!.detail).toBe('Licence lost.');
    expect([issued.inAll, statement]).toEqual([1, 'Me.']);
    const key = read(Certificate, ownOf(worker).certificates[31]!.body).publicKey;
    expect(settler.node.issued.get(key)?.applicationId).toBe(applicationId);
  });

  test('identifies a customer before it rules on its jobs, and nobody else learns who it is [CRT-09]', () => {
    const { town, settler, customer } = office({ approveAutomatically: false });
    expect(ownOf(customer).state).toBe('open');
    town.command(settler, {
      command: 'approveApplication',
      applicationId: judge(settler, 'customer'),
      properties: [{ name: 'identity', value: 'checked' }],
    });
    post(town, customer);
    const [sender] = senders(customer);
    expect(sender!.certificateValue).toEqual([{ name: 'identity', value: 'checked' }]);
    const identified = settler.node.issued.get(sender!.publicKey)!.applicationId;
    expect(settler.node.memberships.get(identified)).toMatchObject({ statement: 'Me.' });
    expect(sender!.publicKey).not.toBe(membershipOf(settler, 'customer').publicKey);
  });
});

describe('a membership that was revoked [CRT-05, STL-09]', () => {
  function revoked(): Office {
    const made = office();
    const applicationId = judge(made.settler, 'customer');
    const reason = 'Did not pay.';
    const wish = { command: 'revokeMembership', applicationId, reason, atOnce: false } as const;
    made.town.command(made.settler, wish);
    return made;
  }

  test('is told at once, and nothing new goes out under it', () => {
    const { town, customer } = revoked();
    expect(ownOf(customer)).toMatchObject({ state: 'revoked', reason: 'Did not pay.' });
    post(town, customer);
    expect(rejections(customer)).toEqual(['NO_CERTIFICATE']);
  });

  test('is given no more certificates, whoever asks on', () => {
    const { customer, settler } = revoked();
    const request = got(settler, 'batchRequest').find(
      (frame) =>
        read(BatchRequest, frame.request.body).applicationId === judge(settler, 'customer'),
    )!;
    const effects = hear(settler, customer, request);
    const sent = effects.flatMap((effect) => (effect.do === 'send' ? [effect.frame] : []));
    expect(sent).toMatchObject([{ kind: 'certificateDecision', standing: 'revoked' }]);
  });

  test('cannot be revoked again, nor one that was never given', () => {
    const { town, settler } = revoked();
    const reason = 'Again.';
    const command = { command: 'revokeMembership', reason, atOnce: false } as const;
    town.command(settler, { ...command, applicationId: judge(settler, 'customer') });
    town.command(settler, { ...command, applicationId: cast.idOf('nobody', 16) });
    expect(rejections(settler)).toEqual(['WRONG_TIME', 'UNKNOWN_APPLICATION']);
  });
});

test('a settler that is trusted no more vouches for nobody, at once [CRT-10]', () => {
  const { town, customer, root } = office();
  town.command(customer, { command: 'removeSettler', root });
  post(town, customer);
  expect(rejections(customer)).toEqual(['NO_CERTIFICATE']);
});

/** A copy of a node hears a frame. */
function hear(to: Seat, from: Seat, frame: Frame, atMs = cast.nowMs): Effect[] {
  const event = { on: 'received', peer: from.node.self, bytes: encodeFrame(frame) } as const;
  return stepNode(structuredClone(to.node), event, atMs, cast.seedOf('a step'));
}

/** The long-lived key of a person's membership. */
function memberKey(seat: Seat): cast.Party {
  const secret = partySecret(seat.node, ownOf(seat).applicationId);
  return { secret, key: publicKeyOf(secret) };
}

const codes = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));

describe('a frame about certificates that earns a fault', () => {
  const { settler, customer, worker } = office();
  const request = got(settler, 'batchRequest')[0]!;
  const body = read(BatchRequest, request.request.body);
  const batch = got(customer, 'batch')[0]!;

  test('a forged request', () => {
    const forged = { ...request, request: cast.forged(request.request) };
    expect(codes(hear(settler, customer, forged))).toEqual(['CERTIFICATE_SIGNATURE_INVALID']);
  });

  test("a request for another member's key", () => {
    const stolen = read(Certificate, ownOf(worker).certificates[0]!.body).publicKey;
    const signed = cast.signed(
      BatchRequest,
      { ...body, batch: 2, publicKeys: [stolen] },
      'batch-request',
      memberKey(customer),
    );
    const effects = hear(settler, customer, { kind: 'batchRequest', request: signed });
    expect(codes(effects)).toEqual(['CERTIFICATE_NOT_ENTITLED']);
  });

  test('a batch of other keys, of unlike certificates, or of too few', () => {
    const waiting = structuredClone(customer.node);
    const own = ownOf(customer);
    waiting.ownMemberships.set(own.applicationId, { ...own, batch: 0, certificates: [] });
    const seat = { ...customer, node: waiting };
    const unlike = batch.certificates.with(1, ownOf(worker).certificates[1]!);
    const rows = [
      { ...batch, certificates: batch.certificates.toReversed() },
      { ...batch, certificates: unlike },
      { ...batch, certificates: batch.certificates.slice(1) },
    ];
    for (const frame of rows) {
      expect(codes(hear(seat, settler, frame))).toEqual(['CERTIFICATE_NOT_ENTITLED']);
    }
    const forged = { ...batch, certificates: batch.certificates.map(cast.forged) };
    expect(codes(hear(seat, settler, forged))).toEqual(['CERTIFICATE_SIGNATURE_INVALID']);
    expect(codes(hear(seat, settler, batch))).toEqual([]);
  });

  test('more batches than a day allows are not given, and earn nothing', () => {
    const full = structuredClone(settler.node);
    const record = membershipOf(settler, 'customer');
    const day = Math.floor(cast.nowMs / limits.dayMs);
    const issued = { day, ofDay: limits.batchesPerDay, inAll: 99 };
    full.memberships.set(record.applicationId, { ...record, issued });
    const seat = { ...settler, node: full };
    expect(hear(seat, customer, request)).toEqual([]);
    const tomorrow = hear(seat, customer, request, cast.nowMs + limits.dayMs);
    expect(tomorrow.some((effect) => effect.do === 'send')).toBe(true);
  });

  test('an application that says nothing', () => {
    const frame = got(settler, 'certificateApplication')[0]!;
    const said = read(CertificateApplication, frame.application.body);
    const by = memberKey(customer);
    const { key: publicKey } = by;
    const nothing = { ...said, publicKey, statement: ' ' };
    const application = cast.signed(CertificateApplication, nothing, 'application', by);
    const silent = { ...frame, application };
    expect(codes(hear(settler, customer, silent))).toEqual(['CERTIFICATE_NOT_ENTITLED']);
  });
});
