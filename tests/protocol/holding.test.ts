import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PaymentHash, PeerKey } from '../../src/lib/protocol/ids.ts';
import { routeBlocks } from '../../src/lib/protocol/job/payment-chain.ts';
import { targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { WalletEvent } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { forward, hasCrossed, isCrowded } from '../../src/lib/protocol/node/holding.ts';
import { beginTurn } from '../../src/lib/protocol/node/state.ts';
import type { Leg, LegTerms } from '../../src/lib/protocol/roles/leg.ts';
import { onReply } from '../../src/lib/protocol/roles/middleman.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { readStored } from '../../src/lib/protocol/stored.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { sent } from './play.ts';
import { driveTo } from './town.ts';

const seed = cast.seedOf('holding');
const preimageOf = (n: number) => cast.seedOf(`held ${n}`);
const hashOf = (n: number) => hexOf(hash(preimageOf(n))) as PaymentHash;

/** A leg of a chain: which payment, who pays it, whose promise it is. */
function terms(n: number, upstream = `upstream ${n}`, settler = `settler ${n}`): LegTerms {
  return {
    paymentHash: hashOf(n),
    payloadId: cast.payloadId,
    settler: {
      promiseId: deal.promiseId,
      key: cast.party(settler).key,
      peer: cast.device(settler).peer,
      addresses: [],
    },
    upstream: cast.device(upstream).peer,
    outgoingInvoice: deal.invoice({ paymentHash: hashOf(n) }),
    outgoingMsat: deal.feeMsat,
    outgoingFinalCltv: deal.finalCltv + 3,
    incomingMsat: deal.feeMsat + 11_000n,
    incomingFinalCltv: 400,
    unlockBy: deal.heights.unlockBy,
    expiryMs: cast.nowMs + limits.promiseMs,
    atMs: cast.nowMs,
  };
}
const settleDeadline = cast.height + deal.finalCltv + 3 + routeBlocks(0) + limits.graceBlocks;

function hold(node: Node, ...held: readonly LegTerms[]): void {
  for (const each of held) {
    const leg: Leg = { state: 'Paying', terms: each, invoice: '', settleDeadline, backBy: 1_000 };
    node.legs.set(each.paymentHash, leg);
  }
}
function offer(node: Node, each: LegTerms): void {
  node.legs.set(each.paymentHash, { state: 'Offered', terms: each, invoice: '' });
}
function hear(node: Node, event: WalletEvent) {
  return stepNode(node, event, cast.nowMs, seed);
}
function withWallet(): Node {
  const node = someNode();
  hear(node, {
    on: 'walletReady',
    alias: '',
    network: 'regtest',
    canHold: true,
    shadowBlocks: 0,
    height: cast.height,
    balanceMsat: 0n,
  });
  return node;
}
const many = (n: number, from = 100) => Array.from({ length: n }, (_, i) => terms(from + i));

describe('limits against jamming', () => {
  test.each<[string, readonly LegTerms[], LegTerms, boolean]>([
    ['nothing held', [], terms(1), false],
    ['9 held', many(9), terms(1), false],
    ['10 held', many(limits.openHolds), terms(1), true],
    ['1 of this peer', [terms(2, 'eager')], terms(1, 'eager'), false],
    ['2 of this peer', [terms(2, 'eager'), terms(3, 'eager')], terms(1, 'eager'), true],
    [
      '3 of this settler',
      [2, 3, 4].map((n) => terms(n, `u${n}`, 'one')),
      terms(1, 'u', 'one'),
      false,
    ],
    [
      '4 of this settler',
      [2, 3, 4, 5].map((n) => terms(n, `u${n}`, 'one')),
      terms(1, 'u', 'one'),
      true,
    ],
  ])('%s', (_name, held, next, crowded) => {
    const node = withWallet();
    hold(node, ...held);
    expect(isCrowded(node, next)).toBe(crowded);
  });

  test('chains without a settler count in all and by peer, not as one settler', () => {
    const node = withWallet();
    const free = (n: number): LegTerms => ({ ...terms(n), settler: null });
    hold(node, ...[2, 3, 4, 5, 6].map(free));
    expect(isCrowded(node, free(1))).toBe(false);
    hold(node, ...[7, 8, 9, 10, 11].map(free));
    expect(isCrowded(node, free(1))).toBe(true);
  });

  test('what was offered before the slots were full is given back, and nothing is paid onward', () => {
    const node = withWallet();
    offer(node, terms(1));
    hold(node, ...many(limits.openHolds));
    const accepted = { on: 'invoiceAccepted', paymentHash: hashOf(1), settleDeadline } as const;
    const did = hear(node, accepted).map((effect) => effect.do);
    expect(did).toContain('cancelInvoice');
    expect(did).not.toContain('payInvoice');
  });

  test('with a slot left it is paid onward', () => {
    const node = withWallet();
    offer(node, terms(1));
    hold(node, ...many(limits.openHolds - 1));
    const accepted = { on: 'invoiceAccepted', paymentHash: hashOf(1), settleDeadline } as const;
    expect(hear(node, accepted).map((effect) => effect.do)).toContain('payInvoice');
    // Doubled: the slot it takes itself does not turn it away.
    expect(hear(node, accepted).map((effect) => effect.do)).not.toContain('cancelInvoice');
  });

  test('the work asked rises by a bit for every payment held [NET-06, WRK-06]', () => {
    const node = withWallet();
    const asker = new Neighbour(node, 'asker');
    asker.work();
    const asked = (request: typeof cast.request) => {
      const conditions = sent(asker.ask(request).effects, 'conditions').frame;
      return (conditions as FrameOf<'conditions'>).workRequest.powTarget;
    };
    expect(asked(cast.request)).toEqual(targetForBits(2));
    hold(node, ...many(3));
    expect(asked(cast.makeRequest({ nonce: seed.subarray(0, 16) }))).toEqual(targetForBits(5));
    node.policy = { ...node.policy, workMs: limits.maxWorkMs };
    expect(asked(cast.makeRequest({ nonce: seed.subarray(1, 17) }))).toEqual(targetForBits(28));
  });
});

describe('a reply that crosses a node twice', () => {
  const made = driveTo('offered');

  test('is dropped at whom it crossed, whether held or passed through', () => {
    const [offered] = [...made.customer.node.jobs.values()];
    const networkHash = (offered as { offers: readonly { networkPaymentHash: PaymentHash }[] })
      .offers[0]!.networkPaymentHash;
    expect(hasCrossed(made.m1.node, networkHash)).toBe(true);
    expect(hasCrossed(made.worker.node, networkHash)).toBe(true);
    expect(hasCrossed(made.settler.node, networkHash)).toBe(false);
    made.m1.node.legs.clear();
    expect(hasCrossed(made.m1.node, networkHash)).toBe(true);
  });

  test('is not issued a second invoice where the first is our own as a settler', () => {
    const { settler } = made;
    const [promised] = [...settler.node.settlements.values()];
    const leg = { ...terms(1), paymentHash: promised!.deal.networkPaymentHash };
    const turn = beginTurn(settler.node, made.town.nowMs, seed);
    const originator = cast.devices.m1.peer;
    const carried = { passage: { originator }, frame: deal.honest.frame, leg };
    forward(turn, { ...carried, verified: { promise: promised!.deal } } as never);
    expect(turn.effects.map((effect) => effect.do)).not.toContain('issueInvoice');
  });
});

describe('a wallet that cannot pay what it holds', () => {
  const failed = (n: number): WalletEvent => ({
    on: 'paymentFailed',
    paymentHash: hashOf(n),
    reason: 'came back',
  });
  const paid = (n: number): WalletEvent => ({
    on: 'paymentSettled',
    paymentHash: hashOf(n),
    preimage: preimageOf(n),
    feeMsat: 0n,
  });
  /** A leg is paid onward, and the wallet's answer comes after so long. */
  function tried(node: Node, n: number, answer: WalletEvent, afterMs = 200, nowMs = cast.nowMs) {
    offer(node, terms(n, `upstream ${n}`, `settler ${n}`));
    const accepted = { on: 'invoiceAccepted', paymentHash: hashOf(n), settleDeadline } as const;
    stepNode(node, accepted, nowMs, seed);
    expect(node.legs.get(hashOf(n))?.state).toBe('Paying');
    const effects = stepNode(node, answer, nowMs + afterMs, seed);
    node.legs.delete(hashOf(n));
    return effects;
  }
  const relays = (node: Node, nowMs = cast.nowMs) => beginTurn(node, nowMs, seed).ctx.canRelay;
  function refused(times: number = limits.refusals, nowMs = cast.nowMs): Node {
    const node = withWallet();
    for (let n = 1; n <= times; n++) tried(node, n, failed(n), 200, nowMs);
    return node;
  }

  test('one payment that fails says nothing: there may be no route [PAY-18]', () => {
    const node = refused(1);
    expect(node.wallet.relays).toBe('untried');
    expect(relays(node)).toBe(true);
  });

  test('is found out when several in a row are refused at once: it relays for nothing, and says so [PAY-18]', () => {
    const node = refused(limits.refusals - 1);
    expect(relays(node)).toBe(true);
    const effects = tried(node, 9, failed(9));
    expect(node.wallet.relays).toBe('no');
    const kept = effects.find((effect) => effect.do === 'store' && effect.key === 'wallet-relays');
    expect(readStored((kept as { value: Uint8Array }).value)).toBe('no');
    expect(beginTurn(node, cast.nowMs, seed).ctx).toMatchObject({ canHold: true, canRelay: false });
    const told = effects
      .filter((effect) => effect.do === 'notify')
      .map(({ notice }) => notice.view);
    expect(told).toContain('wallet');
  });

  test('a payment that was held for a while and came back says nothing', () => {
    const node = withWallet();
    for (let n = 1; n <= 5; n++) tried(node, n, failed(n), limits.refusalMs + 1);
    expect(node.wallet.relays).toBe('untried');
    expect(node.payingSinceMs.size).toBe(0);
  });

  test('one refusal told twice is one refusal', () => {
    const node = withWallet();
    for (let n = 0; n < 5; n++) {
      hear(node, failed(1));
      if (n === 0) tried(node, 1, failed(1));
      hold(node, terms(1));
    }
    expect(node.refusals?.count).toBe(1);
  });

  test('one that paid what it held is never doubted again', () => {
    const node = refused(limits.refusals - 1);
    tried(node, 9, paid(9));
    expect([node.wallet.relays, node.refusals]).toEqual(['yes', null]);
    for (let n = 1; n <= 5; n++) tried(node, n, failed(n));
    expect(node.wallet.relays).toBe('yes');
  });

  test('is not taken for unable for ever: a day later it gets another try', () => {
    const node = refused();
    const nextDay = cast.nowMs + limits.relayRetryMs + 200;
    expect(relays(node, nextDay - 1)).toBe(false);
    expect(relays(node, nextDay)).toBe(true);
    tried(node, 9, failed(9), 200, nextDay);
    expect(relays(node, nextDay + 200)).toBe(false);
    tried(node, 9, paid(9), 200, nextDay + limits.relayRetryMs);
    expect(node.wallet.relays).toBe('yes');
  });

  test('is remembered over a restart, and forgotten with another wallet or by its owner', () => {
    const disk = new Map<string, Uint8Array | null>();
    const before = withWallet();
    for (let n = 1; n <= limits.refusals; n++) {
      for (const effect of tried(before, n, failed(n))) {
        if (effect.do === 'store') disk.set(effect.key, effect.value);
      }
    }
    const node = createNode({ secret: seed, network: 'regtest' });
    const entries = ['wallet-relays', 'wallet-refusals'].map((key) => ({
      key,
      value: disk.get(key)!,
    }));
    stepNode(node, { on: 'start', entries }, cast.nowMs, seed);
    expect([node.wallet.relays, node.refusals]).toEqual(['no', before.refusals]);
    const command = (
      what: { command: 'retryRelaying' } | { command: 'connectWallet'; uri: string },
    ) => stepNode(node, { on: 'command', command: what }, cast.nowMs, seed);
    expect(command({ command: 'retryRelaying' }).slice(0, 2)).toMatchObject([
      { do: 'store', value: null },
      { do: 'store', value: null },
    ]);
    expect([node.wallet.relays, node.refusals]).toEqual(['untried', null]);
    const uri = 'nostr+walletconnect://one';
    node.wallet = { ...node.wallet, relays: 'no' };
    command({ command: 'connectWallet', uri });
    expect(node.wallet.relays).toBe('untried');
    node.wallet = { ...node.wallet, relays: 'no' };
    command({ command: 'connectWallet', uri });
    expect(node.wallet.relays).toBe('no');
  });

  test('passes the reply through as it came, for no fee [PAY-18]', () => {
    const frame = deal.honest.frame;
    const passage = {
      state: 'Carrying',
      askId: cast.idOf('ask', 16),
      payloadId: cast.payloadId,
      originator: 'x' as PeerKey,
      slot: '',
      rest: frame.forwardOnion,
      expiryMs: 0,
      replies: [],
      feeMsat: 11_000n,
      routeFeeMsat: 100_000n,
    } as never;
    const own = { trust: cast.trust, quoteMsat: 100_000n };
    const ways = [true, false].map((canRelay) =>
      onReply(passage, frame, own, cast.context({ canRelay })),
    );
    const legs = ways.map((way) => (isFault(way) ? way.code : (way?.leg?.outgoingInvoice ?? null)));
    expect(legs).toEqual([deal.networkInvoice, null]);
    const [, unable] = ways;
    if (!unable || isFault(unable)) throw new Error('a reply that was good');
    expect(unable.frame).toEqual(frame);
  });
});

describe('blocks a wallet adds', () => {
  const shadow = (node: Node) => beginTurn(node, cast.nowMs, seed).ctx.shadowBlocks;

  test.each<[number | null, number | null, number]>([
    [null, null, limits.shadowBlocks],
    [0, null, 0],
    [40, null, 40],
    [40, 0, 0],
    [0, 120, 120],
  ])('wallet says %s, owner %s: %s', (said, owner, reckoned) => {
    const node = withWallet();
    node.wallet = { ...node.wallet, shadowBlocks: said };
    node.policy = { ...node.policy, shadowBlocks: owner };
    expect(shadow(node)).toBe(reckoned);
  });

  test.each([
    [-1, 'AMOUNT_TOO_SMALL'],
    [601, 'AMOUNT_TOO_LARGE'],
  ])('an owner who says %s is told no', (shadowBlocks, code) => {
    const node = withWallet();
    const command = { command: 'setPolicy', policy: { shadowBlocks } } as const;
    const [answer] = stepNode(node, { on: 'command', command }, cast.nowMs, seed);
    expect(answer).toMatchObject({ notice: { view: 'rejected', code } });
  });
});
