/** The wallet suite on real Lightning: LDK wallets, spoken to by Nostr Wallet Connect. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Personality } from '../../src/devnet/lightning/index.ts';
import { createNwcWallet, type NwcOptions } from '../../src/lib/adapters/wallet/nwc.ts';
import { PATIENCE_MS, quick, startRealWorlds, type RealWorlds } from './wallet-lightning.ts';
import { walletSuite } from './wallet-suite.ts';
import { accepted, allMsat, sats, secret, TestNode, usual } from './wallet-world.ts';

let worlds: RealWorlds;
beforeAll(async () => {
  worlds = await startRealWorlds(createNwcWallet);
});
afterEach(() => worlds.rest());
afterAll(() => worlds.stop());

/** A node of its own with such a wallet. */
function nodeWith(personality: Partial<Personality>, options?: NwcOptions): Promise<TestNode> {
  return TestNode.of(worlds.world(personality, options), sats);
}

/** A payer with such a wallet, an ordinary payee, and an invoice that is accepted. */
async function paidBy(personality: Partial<Personality>) {
  const [payer, payee] = [await nodeWith(personality), await nodeWith({})];
  const { hash, preimage } = secret();
  payer.pays(await payee.issues(hash));
  await payee.hears('invoiceAccepted', hash);
  return { payer, payee, hash, preimage };
}

describe('real Lightning [PAY-11, PAY-18, NET-09]', { timeout: 2 * PATIENCE_MS }, () => {
  walletSuite('a wallet behind Nostr Wallet Connect', () => worlds.world());

  describe('a wallet whose pay_invoice', () => {
    test.each([
      ['says that the payment is in flight', 'in-flight'],
      ['succeeds with an empty preimage', 'empty'],
      ['never answers', 'none'],
    ] as const)('%s', async (_name, payAnswer) => {
      const settled = await paidBy({ payAnswer });
      expect(settled.payer.count('paymentFailed', settled.hash)).toBe(0);
      expect(settled.payer.count('paymentSettled', settled.hash)).toBe(0);
      const { hash: paymentHash, preimage } = settled;
      settled.payee.do({ do: 'settleInvoice', paymentHash, preimage });
      expect(await settled.payer.hears('paymentSettled', paymentHash)).toMatchObject({ preimage });
      const back = await paidBy({ payAnswer });
      back.payee.do({ do: 'cancelInvoice', paymentHash: back.hash });
      await back.payer.hears('paymentFailed', back.hash);
      await back.payer.hasMsat(allMsat);
    });
  });

  test('a wallet that sends no notifications is followed by looking', async () => {
    const [payer, payee] = [
      await nodeWith({ notifies: false }),
      await nodeWith({ notifies: false }),
    ];
    const { hash, preimage } = secret();
    payer.pays(await payee.issues(hash));
    await payee.hears('invoiceAccepted', hash);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
    await payer.hears('paymentSettled', hash);
  });

  test('an accepted invoice that looks expired is accepted', async () => {
    const [payer, payee] = [await nodeWith({}), await nodeWith({ acceptedLooksExpired: true })];
    const { hash, preimage } = secret();
    payer.pays(await payee.issues(hash));
    await payee.hears('invoiceAccepted', hash);
    expect(payee.count('invoiceCancelled', hash)).toBe(0);
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payer.hears('paymentSettled', hash);
  });

  test('a wallet that cancels unpaid invoices does so at once', async () => {
    const payee = await nodeWith({ cancelsUnpaid: true });
    const { hash } = secret();
    await payee.issues(hash);
    payee.do({ do: 'cancelInvoice', paymentHash: hash });
    await payee.hears('invoiceCancelled', hash);
  });

  test('a wallet that cannot pay a hash it holds fails, and gives back what it holds', async () => {
    const [sender, middleman] = [await nodeWith({}), await nodeWith({ paysHeld: false })];
    const settler = await nodeWith({});
    const { hash } = secret();
    const inner = await settler.issues(hash);
    sender.pays(await middleman.issues(hash, { amountMsat: 2_000_000n, minFinalCltv: 400 }));
    await middleman.hears('invoiceAccepted', hash);
    middleman.pays(inner);
    await middleman.hears('paymentFailed', hash);
    middleman.do({ do: 'cancelInvoice', paymentHash: hash });
    await sender.hears('paymentFailed', hash);
    await sender.hasMsat(allMsat);
  });

  test.each(['no', 'claimed'] as const)('a wallet that cannot hold -- %s', async (holds) => {
    const node = await nodeWith({ holds });
    expect(await node.hears('walletReady')).toMatchObject({ canHold: false });
    const { hash } = secret();
    node.do({ do: 'issueInvoice', paymentHash: hash, ...usual });
    const failed = await node.hears('walletFailed', hash);
    expect(failed).toMatchObject({ code: 'WALLET_CANNOT_HOLD', retryable: false });
  });

  test('a wallet that no longer can hold, and then can again, says so', async () => {
    const node = await nodeWith({});
    for (const holds of ['no', 'yes'] as const) {
      node.heard = [];
      await worlds.lightning.setPersonality(node.wallet.uri, { holds });
      expect(await node.hears('walletReady')).toMatchObject({ canHold: holds === 'yes' });
    }
  });

  test.each(['wrong-amount', 'short-cltv'] as const)(
    'a wallet that makes another invoice than asked for -- %s -- WALLET_INVOICE_MISMATCH',
    async (invoices) => {
      const node = await nodeWith({ invoices });
      const { hash } = secret();
      node.do({ do: 'issueInvoice', paymentHash: hash, ...usual });
      const failed = await node.hears('walletFailed', hash);
      expect(failed).toMatchObject({ code: 'WALLET_INVOICE_MISMATCH', retryable: false });
      expect(node.count('invoiceIssued', hash)).toBe(0);
    },
  );
});

describe('out of reach', { timeout: 2 * PATIENCE_MS }, () => {
  test('what was held when the relays dropped all connections is settled', async () => {
    const { payer, payee, hash, preimage } = await accepted(worlds.world());
    worlds.relay.dropAll();
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
  });

  test('a wallet that falls silent is gone, and what it owes is done when it is back', async () => {
    const impatient = worlds.world({}, { ...quick, answerMs: 2_000 });
    const { payer, payee, hash, preimage } = await accepted(impatient);
    await worlds.lightning.setPersonality(payee.wallet.uri, { answers: false });
    expect(await payee.hears('walletGone')).toMatchObject({ code: 'WALLET_UNREACHABLE' });
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    const failed = await payee.hears('walletFailed', hash);
    expect(failed).toMatchObject({ code: 'WALLET_UNREACHABLE', retryable: true });
    await worlds.lightning.setPersonality(payee.wallet.uri, { answers: true });
    await payee.hears('invoiceSettled', hash);
    await payer.hears('paymentSettled', hash);
  });

  test('a wallet of another network -- WALLET_WRONG_NETWORK', async () => {
    const node = await gone({ uri: await worlds.lightning.mint({ sats: 0 }), network: 'mainnet' });
    expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_WRONG_NETWORK' });
  });

  test('a connection the wallet does not know -- WALLET_UNAUTHORIZED', async () => {
    const uri = await worlds.lightning.mint({ sats: 0 });
    const node = await gone({ uri: uri.replace(/secret=.*/, `secret=${'1'.repeat(64)}`) });
    expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_UNAUTHORIZED' });
  });

  test.each([
    ['nobody', 'ab'.repeat(32), () => worlds.relay.url],
    ['no relay', 'ab'.repeat(32), () => 'ws://127.0.0.1:9'],
    ['a key that is no point', 'f'.repeat(64), () => worlds.relay.url],
  ])('an address of %s -- WALLET_UNREACHABLE', async (_name, key, url) => {
    const secretKey = '3'.repeat(64);
    const relayUrl = encodeURIComponent(url());
    const uri = `nostr+walletconnect://${key}?relay=${relayUrl}&secret=${secretKey}`;
    const node = await gone({ uri });
    const { hash, preimage } = secret();
    node.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_UNREACHABLE' });
    expect(await node.hears('walletFailed', hash)).toMatchObject({ retryable: true });
  });

  /** A node that was given an address which will not do. */
  async function gone(address: {
    readonly uri: string;
    readonly network?: NwcOptions['network'];
  }): Promise<TestNode> {
    const world = worlds.world({}, { ...quick, network: address.network ?? 'regtest' });
    const node = TestNode.unconnected(world, { ...(await world.open(0)), uri: address.uri });
    node.do({ do: 'connectWallet', uri: address.uri });
    return node;
  }
});
