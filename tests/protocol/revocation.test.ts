import { describe, expect, test } from 'vitest';
import type { RejectionCode } from '../../src/lib/protocol/commands.ts';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import type { ApplicationId, PayloadId } from '../../src/lib/protocol/ids.ts';
import { verifyChain } from '../../src/lib/protocol/job/certificate.ts';
import {
  revocationEntry,
  revokedKeys,
  verifyRevocationHead,
} from '../../src/lib/protocol/job/revocation.ts';
import { standingOf, vouchedBy } from '../../src/lib/protocol/job/standing.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { settlerRoot } from '../../src/lib/protocol/node/state.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { Certificate, RevocationHead } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { read } from './samples.ts';
import { driveOn, driveTo, ride, type Ride, type Seat } from './town.ts';

const { nowMs } = cast;
const week = limits.certificateDays * limits.dayMs;

function rejections({ life }: Seat): RejectionCode[] {
  return life.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.do === 'notify' && effect.notice.view === 'rejected' ? [effect.notice.code] : [],
    ),
  );
}

const faults = ({ life }: Seat) =>
  life.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : [])),
  );

function heads({ life }: Seat): RevocationHead[] {
  return life.flatMap(({ effects }) =>
    effects.flatMap((effect) => {
      if (effect.do !== 'send') return [];
      const { frame } = effect;
      if (frame.kind === 'settlerInfo') return [read(RevocationHead, frame.revocationHead.body)];
      return frame.kind === 'revocationList' ? [read(RevocationHead, frame.head.body)] : [];
    }),
  );
}

function memberOf({ settler }: Ride, name: 'customer' | 'worker'): ApplicationId {
  const members = [...settler.node.memberships.values()];
  return members.find((member) => member.name === name)!.applicationId;
}

function revoke(made: Ride, name: 'customer' | 'worker', atOnce = true): void {
  const applicationId = memberOf(made, name);
  const command = { command: 'revokeMembership', applicationId, reason: 'Licence lost.' } as const;
  made.town.command(made.settler, { ...command, atOnce });
}

const jobOf = (made: Ride) => [...made.customer.node.jobs.values()].at(-1)!;

function choose(made: Ride): void {
  const job = jobOf(made);
  const { promiseId } = job.offers[0]!;
  const { payloadId } = job.job;
  made.town.command(made.customer, { command: 'chooseReply', payloadId, promiseId });
}

const offer = (made: Ride, payloadId: PayloadId) => {
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola' };
  made.town.command(made.worker, { command: 'makeOffer', payloadId, ...wish });
};

const paid = ({ life }: Seat) =>
  life.some(({ effects }) => effects.some((effect) => effect.do === 'payInvoice'));

describe('over the turn of the week', () => {
  test('a certificate that was issued before it is as good as after [CRT-05, CRT-06]', () => {
    const turnMs = (Math.floor(nowMs / week) + 1) * week;
    const made = ride(false, turnMs - 1_800_000);
    made.town.pass(2 * 3_600_000);
    driveOn('posted', made);
    driveOn('offered', made);
    expect(jobOf(made).offers).toHaveLength(1);
    choose(made);
    expect(rejections(made.customer)).toEqual([]);
    expect(paid(made.customer)).toBe(true);
  });
});

describe('a revocation list [CRT-05, STL-09]', () => {
  test('has a number that goes up with every head, whatever happens to clock and device', () => {
    const made = ride();
    const { town, settler, customer } = made;
    revoke(made, 'worker');
    town.restart(settler);
    const backMs = town.nowMs - 3_600_000;
    town.nowMs = backMs;
    town.command(customer, {
      command: 'addSettler',
      root: settlerRoot(settler.node),
      peer: settler.node.self,
      addresses: ['/memory/settler'],
    });
    const sent = heads(settler);
    const seqs = [...new Set(sent.map(({ seq }) => seq))];
    expect(seqs.length).toBeGreaterThan(2);
    expect(seqs).toEqual(seqs.toSorted((a, b) => Number(a - b)));
    for (const seq of seqs) {
      const roots = sent.filter((head) => head.seq === seq).map(({ listRoot }) => listRoot);
      expect(new Set(roots).size).toBe(1);
    }
  });

  test('holds every key a person has a certificate for, until the last of them has run out', () => {
    const made = ride();
    revoke(made, 'worker');
    expect(made.settler.node.ownList.listed).toHaveLength(limits.batch);
    const [own] = made.worker.node.ownMemberships.values();
    const { publicKey, notValidAfterMs } = read(Certificate, own!.certificates[0]!.body);
    const line = { entry: revocationEntry(publicKey), untilMs: notValidAfterMs };
    expect(made.settler.node.ownList.listed).toContainEqual(line);
    made.settler.node.settlerRole!.madeAtMs = 0;
    made.town.nowMs = notValidAfterMs;
    made.town.connect(made.customer, made.settler);
    made.town.command(made.customer, {
      command: 'addSettler',
      root: settlerRoot(made.settler.node),
      peer: made.settler.node.self,
      addresses: [],
    });
    expect(made.settler.node.ownList.listed).toEqual([]);
  });

  test('is not touched when certificates are left to run out, so that they do not link', () => {
    const made = ride();
    revoke(made, 'worker', false);
    expect(made.settler.node.ownList.listed).toEqual([]);
  });

  test('that is not what its head says, or that nobody asked for, is a fault', () => {
    const made = ride();
    revoke(made, 'worker');
    const { settler, customer, town } = made;
    const list = settler.life
      .flatMap(({ effects }) => effects)
      .flatMap((effect) => (effect.do === 'send' ? [effect.frame] : []))
      .find((frame) => frame.kind === 'revocationList')!;
    const short = { ...list, entries: list.entries.slice(1) };
    const twice = { ...list, entries: [...list.entries, list.entries[0]!] };
    const strange = { ...list, head: cast.revocationHead() };
    for (const frame of [short, twice, strange]) {
      const bytes = encodeFrame(frame);
      town.hear(customer, { on: 'received', peer: settler.node.self, bytes });
    }
    expect(faults(customer)).toEqual(Array(3).fill('REVOCATION_HEAD_INVALID'));
    const root = settlerRoot(settler.node);
    expect(customer.node.revoked.get(root)?.entries.size).toBe(limits.batch);
  });
});

describe('a worker who was revoked [CRT-05]', () => {
  test('is not paid by the sender who has his offer already: not one sat', () => {
    const made = driveTo('offered');
    revoke(made, 'worker');
    choose(made);
    expect(rejections(made.customer)).toEqual(['CERTIFICATE_REVOKED']);
    expect(paid(made.customer)).toBe(false);
  });

  test('has his next reply refused by the sender, who blames no middleman', () => {
    const made = driveTo('posted');
    const { town, settler, customer, worker } = made;
    const held: (() => void)[] = [];
    town.onFrame = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      if (!('kind' in frame) || frame.kind !== 'reply' || to !== customer) return bytes;
      const event = { on: 'received', peer: from.node.self, bytes } as const;
      held.push(() => town.hear(customer, event));
      return null;
    };
    offer(made, [...worker.node.heard.keys()][0]!);
    expect(held).toHaveLength(1);
    revoke(made, 'worker');
    for (const arrive of held) arrive();
    expect(faults(customer)).toEqual(['CERTIFICATE_REVOKED']);
    expect(jobOf(made).offers).toEqual([]);
    expect(customer.node.peers.get(made.m1.node.self)?.faults).toBe(0);
    expect(settler.node.ownList.listed.length).toBeGreaterThan(0);
  });

  test.each([true, false])('gets no promise of his settler, at once or not: %s', (atOnce) => {
    const made = driveTo('posted');
    const { town, settler, worker } = made;
    town.onFrame = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const told =
        'kind' in frame && ['certificateDecision', 'revocationList'].includes(frame.kind);
      return from === settler && to === worker && told ? null : bytes;
    };
    revoke(made, 'worker', atOnce);
    offer(made, [...worker.node.heard.keys()][0]!);
    const [mine] = worker.node.offers.values();
    expect(mine).toMatchObject({ state: 'Failed', reason: 'CERTIFICATE_REVOKED' });
    expect(settler.node.settlements.size).toBe(0);
  });
});

describe('a customer who was revoked [CRT-05]', () => {
  test('gets no offer from a worker who has heard the job already', () => {
    const made = driveTo('posted');
    revoke(made, 'customer');
    made.town.connect(made.worker, made.settler);
    offer(made, [...made.worker.node.heard.keys()][0]!);
    expect(rejections(made.worker)).toEqual(['CERTIFICATE_REVOKED']);
  });

  test('has his job carried by nobody who knows it', () => {
    const made = ride();
    made.town.onFrame = (from, to, bytes) =>
      from === made.settler && to === made.customer ? null : bytes;
    revoke(made, 'customer');
    driveOn('posted', made);
    expect(faults(made.m1)).toEqual(['CERTIFICATE_REVOKED']);
    expect(made.worker.node.heard.size).toBe(0);
  });
});

describe('no fresh head: pay no money [CRT-05]', () => {
  test('a sender without one since a day waits, asks, and pays when it comes', () => {
    const made = driveTo('offered');
    const { customer, settler, town } = made;
    const root = settlerRoot(settler.node);
    const head = customer.node.heads.get(root)!;
    customer.node.heads.set(root, { ...head, nextMs: town.nowMs });
    town.onFrame = (from, _to, bytes) => (from === settler ? null : bytes);
    choose(made);
    expect(rejections(made.customer)).toEqual(['NO_FRESH_HEAD']);
    expect(paid(customer)).toBe(false);
    town.onFrame = (_from, _to, bytes) => bytes;
    town.pass(3_600_000);
    driveOn('posted', made);
    offer(made, [...made.worker.node.heard.keys()].at(-1)!);
    choose(made);
    expect(rejections(made.customer)).toEqual(['NO_FRESH_HEAD']);
    expect(paid(customer)).toBe(true);
  });

  test('a head of a list that is not at hand is no head', () => {
    const made = driveTo('offered');
    made.town.onFrame = (_from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const list = 'kind' in frame && frame.kind === 'revocationList';
      return list && to === made.customer ? null : bytes;
    };
    revoke(made, 'customer');
    made.town.pass(3_600_000);
    choose(made);
    expect(rejections(made.customer)).not.toEqual([]);
    expect(paid(made.customer)).toBe(false);
  });

  test('is what a device still knows after it was off, with no network', () => {
    const made = driveTo('offered');
    revoke(made, 'worker');
    const { customer, town } = made;
    town.onFrame = () => null;
    town.restart(customer);
    choose(made);
    expect(rejections(customer).at(-1)).toBe('CERTIFICATE_REVOKED');
  });

  test('is known after it was off where nobody is revoked, too: it pays', () => {
    const made = driveTo('offered');
    const { customer, town } = made;
    town.onFrame = () => null;
    town.restart(customer);
    choose(made);
    expect(rejections(customer)).toEqual([]);
    expect(paid(customer)).toBe(true);
  });
});

test('certificate, chain, head and list verify with no network and no settler [CRT-02, CRT-01]', () => {
  const bytes = {
    chain: cast.vouchedChain.map(({ body, signature }) => ({ body, signature })),
    heads: [
      cast.revocationHead(),
      cast.revocationHead({ listRoot: revokedKeys([]).listRoot }, cast.union),
    ],
  };
  const { trust } = cast;
  const verified = verifyChain(bytes.chain, 'customer', trust, nowMs);
  if (isFault(verified)) throw new Error(verified.detail);
  expect(verified.authorities).toEqual([cast.union.key, cast.root.key]);
  const vouched = vouchedBy(verified);
  expect(standingOf(vouched, trust, nowMs)).toBe('unknown');
  const known = bytes.heads.map((signed) => {
    const head = verifyRevocationHead(signed, verified.authorities, trust, nowMs);
    if (isFault(head)) throw new Error(head.detail);
    return [head.certAuthKey, head] as const;
  });
  const lists = known.map(([authority]) => [authority, revokedKeys([])] as const);
  const informed = { ...trust, heads: new Map(known), revoked: new Map(lists) };
  expect(standingOf(vouched, informed, nowMs)).toBe('good');
  expect(standingOf(vouched, informed, nowMs + limits.headMs)).toBe('unknown');
  const taken = revokedKeys([revocationEntry(cast.union.key)]);
  const revoked = new Map([...lists, [cast.root.key, taken] as const]);
  expect(standingOf(vouched, { ...informed, revoked }, nowMs)).toBe('revoked');
});
