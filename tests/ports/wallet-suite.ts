/**
 * What every wallet port must do, simulated or real: the same tests run against both, so that what
 * the simulator shows is true of Lightning. A test opens its own wallets and never looks at a clock
 * but to wait for something.
 */
import { randomBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import type { PaymentHash } from '../../src/lib/protocol/index.ts';
import { writeInvoice } from '../../src/simulator/bolt11-writer.ts';
import {
  accepted,
  allMsat,
  fieldsOf,
  sats,
  secret,
  TestNode,
  usual,
  type World,
} from './wallet-world.ts';

export function walletSuite(name: string, world: () => World): void {
  describe(name, () => {
    test('says what it is', async () => {
      const node = await TestNode.of(world(), sats);
      const ready = await node.hears('walletReady');
      expect(ready).toMatchObject({ network: 'regtest', canHold: true, balanceMsat: allMsat });
      expect(ready.height).toBe(await world().height());
    });

    test.each(['', 'lnbcrt1', 'https://example.org', 'nostr+walletconnect'])(
      'an address that is none -- %s -- WALLET_ADDRESS_MALFORMED',
      async (uri) => {
        const node = await TestNode.of(world(), 0);
        node.do({ do: 'connectWallet', uri });
        expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_ADDRESS_MALFORMED' });
      },
    );

    test('tells the height', async () => {
      const node = await TestNode.of(world(), 0);
      await world().mine(2);
      const height = await world().height();
      await world().until(() => node.last('height')?.height === height, `height ${height}`);
    });

    describe('an invoice', () => invoiceTests(world));
    describe('a payment', () => paymentTests(world));
    describe('one hash through three wallets', () => chainTests(world));
    describe('after a restart', () => restartTests(world));
  });
}

function invoiceTests(world: () => World): void {
  test('is what was asked for [PAY-01, PAY-11]', async () => {
    const node = await TestNode.of(world(), 0);
    const { hash } = secret();
    const fields = fieldsOf(await node.issues(hash));
    const { minFinalCltv, ...rest } = usual;
    expect(fields).toMatchObject({ ...rest, network: 'regtest', paymentHash: hash });
    expect(fields.minFinalCltv - minFinalCltv).toBeOneOf([0, 1, 2, 3]);
  });

  test('asked for again is the same', async () => {
    const node = await TestNode.of(world(), 0);
    const { hash } = secret();
    const first = await node.issues(hash);
    node.heard = [];
    expect(await node.issues(hash)).toBe(first);
  });

  test('on a hash that another invoice has -- WALLET_REFUSED', async () => {
    const node = await TestNode.of(world(), 0);
    const { hash } = secret();
    await node.issues(hash);
    node.do({ do: 'issueInvoice', paymentHash: hash, ...usual, amountMsat: 5_000n });
    const failed = await node.hears('walletFailed', hash);
    expect(failed).toMatchObject({ command: 'issueInvoice', code: 'WALLET_REFUSED' });
    expect(failed.retryable).toBe(false);
  });

  test('unpaid is not paid after it is cancelled', async () => {
    const [payer, payee] = [await TestNode.of(world(), sats), await TestNode.of(world(), 0)];
    const { hash } = secret();
    const invoice = await payee.issues(hash);
    payee.do({ do: 'cancelInvoice', paymentHash: hash });
    payer.pays(invoice);
    await payer.hears('paymentFailed', hash);
    await payee.hears('invoiceCancelled', hash);
    await payer.hasMsat(allMsat);
  });

  test('unpaid is cancelled once it has expired', async () => {
    const payee = await TestNode.of(world(), 0);
    const { hash } = secret();
    await payee.issues(hash, { expirySeconds: 1 });
    await payee.hears('invoiceCancelled', hash);
  });

  test('nobody knows cannot be settled -- WALLET_REFUSED', async () => {
    const node = await TestNode.of(world(), 0);
    const { hash, preimage } = secret();
    node.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    const failed = await node.hears('walletFailed', hash);
    expect(failed).toMatchObject({ command: 'settleInvoice', code: 'WALLET_REFUSED' });
  });

  test('with another preimage is not settled -- WALLET_REFUSED [PAY-01, PAY-02]', async () => {
    const { payee, payer, hash, preimage } = await accepted(world());
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage: secret().preimage });
    const failed = await payee.hears('walletFailed', hash);
    expect(failed).toMatchObject({ command: 'settleInvoice', code: 'WALLET_REFUSED' });
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payer.hears('paymentSettled', hash);
  });

  test('held until its deadline comes back by itself [PAY-02]', async () => {
    const { payer, payee, hash, preimage, settleDeadline } = await accepted(world());
    await world().mine(settleDeadline - (await world().height()));
    await payer.hears('paymentFailed', hash);
    await payee.hears('invoiceCancelled', hash);
    await payer.hasMsat(allMsat);
    payee.heard = [];
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await world().until(() => payee.heard.length > 0, 'an answer to a late preimage');
    expect(payee.count('invoiceSettled', hash)).toBe(0);
    expect(await world().imbalance()).toBe(0n);
  });
}

function paymentTests(world: () => World): void {
  test('is accepted, then settled, to the millisatoshi [PAY-02, PAY-11]', async () => {
    const { payer, payee, preimage, hash, settleDeadline } = await accepted(world());
    const blocks = settleDeadline - (await world().height());
    expect(blocks).toBeLessThanOrEqual(usual.minFinalCltv + 4);
    expect(blocks).toBeGreaterThan(usual.minFinalCltv - 24);
    await payer.hasMsat(allMsat - usual.amountMsat);
    expect(payer.last('paymentSettled', hash)).toBeUndefined();
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage, feeMsat: 0n });
    await payee.hasMsat(allMsat + usual.amountMsat);
    await payer.hasMsat(allMsat - usual.amountMsat);
    const balanceMsat = allMsat + usual.amountMsat;
    await world().until(() => payee.last('balance')?.balanceMsat === balanceMsat, 'news of it');
    expect(await world().imbalance()).toBe(0n);
  });

  test('comes back when its invoice is cancelled [PAY-02]', async () => {
    const { payer, payee, hash } = await accepted(world());
    payee.do({ do: 'cancelInvoice', paymentHash: hash });
    await payee.hears('invoiceCancelled', hash);
    await payer.hears('paymentFailed', hash);
    await payer.hasMsat(allMsat);
    expect(await world().imbalance()).toBe(0n);
  });

  test('of one hash is made once, however often it is asked for', async () => {
    const { payer, payee, preimage, hash, invoice } = await accepted(world());
    payer.pays(invoice);
    payer.pays(invoice);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payer.hears('paymentSettled', hash);
    payer.heard = [];
    payer.pays(invoice);
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
    await payee.hasMsat(allMsat + usual.amountMsat);
    await payer.hasMsat(allMsat - usual.amountMsat);
    expect(payer.count('paymentFailed', hash)).toBe(0);
    expect(await world().imbalance()).toBe(0n);
  });

  test('to an invoice that somebody else has paid fails', async () => {
    const { payer, payee, preimage, hash, invoice } = await accepted(world());
    const other = await TestNode.of(world(), sats);
    other.pays(invoice);
    await other.hears('paymentFailed', hash);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payer.hears('paymentSettled', hash);
    await other.hasMsat(allMsat);
  });

  test('to nobody fails', async () => {
    const node = await TestNode.of(world(), sats);
    const { hash } = secret();
    const random = { paymentSecret: randomBytes(32), secretKey: randomBytes(32) };
    const made = { network: 'regtest', paymentHash: hash, timestampMs: world().now() } as const;
    node.pays(writeInvoice({ ...usual, ...made, ...random }));
    await node.hears('paymentFailed', hash);
    await node.hasMsat(allMsat);
  });

  test('of more than there is fails, and of what there is does not', async () => {
    const [payer, payee] = [await TestNode.of(world(), sats), await TestNode.of(world(), 0)];
    const { hash, preimage } = secret();
    payer.pays(await payee.issues(hash, { amountMsat: allMsat + 1n }));
    const failed = await payer.hears('paymentFailed', hash);
    expect(failed).toMatchObject({ reason: 'insufficient balance', nothingLeft: true });
    const all = secret();
    payer.pays(await payee.issues(all.hash, { amountMsat: allMsat }));
    await payee.hears('invoiceAccepted', all.hash);
    payee.do({ do: 'settleInvoice', paymentHash: all.hash, preimage: all.preimage });
    await payee.hasMsat(allMsat);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    expect(await payee.hears('walletFailed', hash)).toMatchObject({ retryable: true });
  });

  test('of an expired invoice fails', async () => {
    const [payer, payee] = [await TestNode.of(world(), sats), await TestNode.of(world(), 0)];
    const { hash } = secret();
    const invoice = await payee.issues(hash, { expirySeconds: 1 });
    const { timestampMs } = fieldsOf(invoice);
    await world().until(() => world().now() >= timestampMs + 1_000, 'its expiry');
    payer.pays(invoice);
    expect(await payer.hears('paymentFailed', hash)).toMatchObject({ reason: 'invoice expired' });
  });

  test('of something else than the invoice says fails', async () => {
    const [payer, payee] = [await TestNode.of(world(), sats), await TestNode.of(world(), 0)];
    const { hash } = secret();
    const invoice = await payee.issues(hash);
    const pay = { do: 'payInvoice', paymentHash: hash, invoice, mayBegin: true } as const;
    payer.do({ ...pay, amountMsat: usual.amountMsat - 1n });
    expect(await payer.hears('paymentFailed', hash)).toMatchObject({
      reason: 'invoice of another amount',
      nothingLeft: true,
    });
    payer.do({ ...pay, invoice: invoice.slice(1), amountMsat: usual.amountMsat });
    await world().until(
      () => payer.last('paymentFailed')?.reason === 'malformed invoice',
      'malformed invoice',
    );
  });
}

function chainTests(world: () => World): void {
  const fee = 2_000n;

  async function chain() {
    const [sender, middleman, settler] = [
      await TestNode.of(world(), sats),
      await TestNode.of(world(), sats),
      await TestNode.of(world(), sats),
    ];
    const { hash, preimage } = secret();
    const inner = await settler.issues(hash);
    const outer = await middleman.issues(hash, {
      amountMsat: usual.amountMsat + fee,
      minFinalCltv: usual.minFinalCltv + 152,
    });
    sender.pays(outer);
    await middleman.hears('invoiceAccepted', hash);
    middleman.pays(inner);
    await settler.hears('invoiceAccepted', hash);
    return { sender, middleman, settler, hash, preimage };
  }

  test('settles from the far end [PAY-03, PAY-04]', async () => {
    const { sender, middleman, settler, hash, preimage } = await chain();
    settler.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    const learned = await middleman.hears('paymentSettled', hash);
    middleman.do({ do: 'settleInvoice', paymentHash: hash, preimage: learned.preimage });
    expect(await sender.hears('paymentSettled', hash)).toMatchObject({ preimage });
    await middleman.hears('invoiceSettled', hash);
    await sender.hasMsat(allMsat - usual.amountMsat - fee);
    await middleman.hasMsat(allMsat + fee);
    await settler.hasMsat(allMsat + usual.amountMsat);
    expect(await world().imbalance()).toBe(0n);
  });

  test('comes back from the far end [PAY-02]', async () => {
    const { sender, middleman, settler, hash } = await chain();
    settler.do({ do: 'cancelInvoice', paymentHash: hash });
    await middleman.hears('paymentFailed', hash);
    middleman.do({ do: 'cancelInvoice', paymentHash: hash });
    await sender.hears('paymentFailed', hash);
    for (const node of [sender, middleman, settler]) await node.hasMsat(allMsat);
    expect(await world().imbalance()).toBe(0n);
  });
}

function restartTests(world: () => World): void {
  const follow = (node: TestNode, paymentHash: PaymentHash, invoice: string) =>
    node.do({ do: 'followInvoice', paymentHash, invoice });

  test('an open invoice is followed to its end [PAY-21]', async () => {
    const [payer, payee] = [await TestNode.of(world(), sats), await TestNode.of(world(), 0)];
    const { hash, preimage } = secret();
    const invoice = await payee.issues(hash);
    await payee.restart();
    follow(payee, hash, invoice);
    expect(await payee.hears('invoiceIssued', hash)).toMatchObject({ invoice });
    payer.pays(invoice);
    await payee.hears('invoiceAccepted', hash);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
  });

  test('accepted, settled and cancelled invoices are told of [PAY-21]', async () => {
    const { payer, payee, preimage, hash, invoice, settleDeadline } = await accepted(world());
    const other = secret();
    const cancelled = await payee.issues(other.hash);
    payer.pays(cancelled);
    await payee.hears('invoiceAccepted', other.hash);
    await payee.restart();
    follow(payee, hash, invoice);
    expect(await payee.hears('invoiceAccepted', hash)).toMatchObject({ settleDeadline });
    // Neither is followed when it is settled or cancelled: a node may have that in its journal
    // only.
    payee.do({ do: 'cancelInvoice', paymentHash: other.hash });
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
    await payee.hears('invoiceCancelled', other.hash);
    await payee.restart();
    follow(payee, hash, invoice);
    follow(payee, other.hash, cancelled);
    await payee.hears('invoiceSettled', hash);
    await payee.hears('invoiceCancelled', other.hash);
  });

  test('what it is too late to begin is followed, and not begun', async () => {
    const { payer, payee, preimage, hash, invoice } = await accepted(world());
    const other = secret();
    const never = await payee.issues(other.hash);
    await payer.restart();
    payer.pays(never, false);
    payer.pays(invoice, false);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
    await payer.hasMsat(allMsat - usual.amountMsat);
    expect(payee.count('invoiceAccepted', other.hash)).toBe(0);
    expect(await world().imbalance()).toBe(0n);
  });

  test('a payment under way is not made again', async () => {
    const { payer, payee, preimage, hash, invoice } = await accepted(world());
    await payer.restart();
    payer.pays(invoice);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
    await payer.hasMsat(allMsat - usual.amountMsat);
    await payer.restart();
    payer.pays(invoice);
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
    await payer.hasMsat(allMsat - usual.amountMsat);
    expect(await world().imbalance()).toBe(0n);
  });

  test('a payment that came back is told as failed, not made again', async () => {
    const { payer, payee, hash, invoice } = await accepted(world());
    payee.do({ do: 'cancelInvoice', paymentHash: hash });
    await payer.hears('paymentFailed', hash);
    await payer.restart();
    payer.pays(invoice);
    await payer.hears('paymentFailed', hash);
    await payer.hasMsat(allMsat);
  });

  test('one node is payer and payee of one hash, and told of both', async () => {
    const { payer, payee, preimage, hash, invoice } = await accepted(world());
    const last = await TestNode.of(world(), 0);
    const inner = await last.issues(hash, { amountMsat: 900_000n, minFinalCltv: 48 });
    payee.pays(inner);
    await last.hears('invoiceAccepted', hash);
    await payee.restart();
    follow(payee, hash, invoice);
    payee.pays(inner);
    await payee.hears('invoiceAccepted', hash);
    last.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    expect(await payee.hears('paymentSettled', hash)).toMatchObject({ preimage });
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payer.hears('paymentSettled', hash);
    await payee.hasMsat(allMsat + usual.amountMsat - 900_000n);
    expect(await world().imbalance()).toBe(0n);
  });
}
