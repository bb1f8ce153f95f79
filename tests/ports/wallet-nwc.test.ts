/** The wallet suite on real Lightning: LDK wallets, spoken to by Nostr Wallet Connect. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  startLightning,
  type Lightning,
  type Personality,
} from '../../src/devnet/lightning/index.ts';
import { startNostrRelay, type ListeningRelay } from '../../src/devnet/nostr-relay.ts';
import { createNwcWallet, type NwcOptions } from '../../src/lib/adapters/wallet/nwc.ts';
import type { WalletPort } from '../../src/lib/runtime/ports.ts';
import { walletSuite } from './wallet-suite.ts';
import {
  accepted,
  allMsat,
  sats,
  secret,
  TestNode,
  usual,
  type TestWallet,
  type World,
} from './wallet-world.ts';

const PATIENCE_MS = 60_000;
/** ms between looks of the adapter, and until a refused payment counts as not made. */
const quick = { network: 'regtest', pollMs: 300, absentMs: 300 } as const;

let relay: ListeningRelay;
let lightning: Lightning;

beforeAll(async () => {
  relay = await startNostrRelay();
  lightning = await startLightning({ nostrUrl: relay.url, wallets: 4 });
}, PATIENCE_MS);

afterAll(async () => {
  await lightning.stop();
  await relay.close();
});

/** Ports of the running test. */
const open: WalletPort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.perform({ do: 'disconnectWallet' });
});

async function openWallet(
  sats: number,
  personality: Partial<Personality> = {},
  options: NwcOptions = quick,
): Promise<TestWallet> {
  const uri = await lightning.mint({ sats, personality });
  const key = uri.slice('nostr+walletconnect://'.length, uri.indexOf('?'));
  return {
    uri,
    start() {
      const port = createNwcWallet(options);
      open.push(port);
      return port;
    },
    async balance() {
      const { wallets } = await lightning.balances();
      return wallets.find((wallet) => wallet.key === key)!.balanceMsat;
    },
  };
}

function lightningWorld(personality?: Partial<Personality>, options?: NwcOptions): World {
  return {
    open: (sats) => openWallet(sats, personality, options),
    now: () => Date.now(),
    async mine(blocks) {
      await lightning.mine(blocks);
    },
    height: async () => (await lightning.balances()).height,
    async imbalance() {
      const { wallets, mintedMsat } = await lightning.balances();
      const parts = wallets.map(({ balanceMsat, outgoingMsat }) => balanceMsat + outgoingMsat);
      return parts.reduce((sum, part) => sum + part, 0n) - mintedMsat;
    },
    until: (condition, what) =>
      vi.waitFor(
        async () => {
          if (!(await condition())) throw new Error(`in vain: ${what}`);
        },
        { timeout: PATIENCE_MS, interval: 20 },
      ),
  };
}

/** A node of its own with such a wallet. */
function nodeWith(personality: Partial<Personality>, options?: NwcOptions): Promise<TestNode> {
  return TestNode.of(lightningWorld(personality, options), sats);
}

/** A payer with such a wallet, an ordinary payee, and an invoice that is accepted. */
async function paidBy(personality: Partial<Personality>) {
  const [payer, payee] = [await nodeWith(personality), await nodeWith({})];
  const { hash, preimage } = secret();
  payer.pays(await payee.issues(hash));
  await payee.hears('invoiceAccepted', hash);
  return { payer, payee, hash, preimage };
}

describe('real Lightning', { timeout: 2 * PATIENCE_MS }, () => {
  walletSuite('a wallet behind Nostr Wallet Connect', () => lightningWorld());

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
    const { payer, payee, hash, preimage } = await accepted(lightningWorld());
    relay.dropAll();
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    await payee.hears('invoiceSettled', hash);
    expect(await payer.hears('paymentSettled', hash)).toMatchObject({ preimage });
  });

  test('a wallet that falls silent is gone, and what it owes is done when it is back', async () => {
    const impatient = lightningWorld({}, { ...quick, answerMs: 2_000 });
    const { payer, payee, hash, preimage } = await accepted(impatient);
    await lightning.setPersonality(payee.wallet.uri, { answers: false });
    expect(await payee.hears('walletGone')).toMatchObject({ code: 'WALLET_UNREACHABLE' });
    payee.do({ do: 'settleInvoice', paymentHash: hash, preimage });
    const failed = await payee.hears('walletFailed', hash);
    expect(failed).toMatchObject({ code: 'WALLET_UNREACHABLE', retryable: true });
    await lightning.setPersonality(payee.wallet.uri, { answers: true });
    await payee.hears('invoiceSettled', hash);
    await payer.hears('paymentSettled', hash);
  });

  test('a wallet of another network -- WALLET_WRONG_NETWORK', async () => {
    const node = await gone({ uri: await lightning.mint({ sats: 0 }), network: 'mainnet' });
    expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_WRONG_NETWORK' });
  });

  test('a connection the wallet does not know -- WALLET_UNAUTHORIZED', async () => {
    const uri = await lightning.mint({ sats: 0 });
    const node = await gone({ uri: uri.replace(/secret=.*/, `secret=${'1'.repeat(64)}`) });
    expect(await node.hears('walletGone')).toMatchObject({ code: 'WALLET_UNAUTHORIZED' });
  });

  test.each([
    ['nobody', 'ab'.repeat(32), () => relay.url],
    ['no relay', 'ab'.repeat(32), () => 'ws://127.0.0.1:9'],
    ['a key that is no point', 'f'.repeat(64), () => relay.url],
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
    const world = lightningWorld({}, { ...quick, network: address.network ?? 'regtest' });
    const node = TestNode.unconnected(world, { ...(await world.open(0)), uri: address.uri });
    node.do({ do: 'connectWallet', uri: address.uri });
    return node;
  }
});
