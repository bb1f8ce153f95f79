/**
 * A wallet is somebody else's program: whatever it says, and whatever address is pasted, is read.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAddress } from '../../src/lib/adapters/wallet/link.ts';
import * as words from '../../src/lib/adapters/wallet/words.ts';

const key = 'ab'.repeat(32);
const good = `nostr+walletconnect://${key}?relay=wss%3A%2F%2Frelay.example&secret=${key}`;

test('an address is read', () => {
  expect(readAddress(` ${good}\n`)).toStrictEqual({
    walletPubkey: key,
    secret: key,
    relayUrls: ['wss://relay.example/'],
  });
});

test.each([
  ['another scheme', good.replace('nostr+walletconnect', 'https')],
  ['no secret', good.replace(/&secret.*/, '')],
  ['a short secret', good.slice(0, -2)],
  ['no relay', good.replace(/relay=.*&/, '')],
  ['a relay that is no WebSocket', good.replace('wss', 'https')],
  ['a short key', good.replace(key, key.slice(2))],
  ['too long', `${good}&lud16=${'x'.repeat(2_000)}`],
  ['too many relays', good + [1, 2, 3, 4, 5].map((i) => `&relay=wss://r${i}.example`).join('')],
])('no address -- %s', (_name, text) => {
  expect(readAddress(text)).toBeNull();
});

test('any text is an address or none', () => {
  const parts = fc.constantFrom(
    key,
    'nostr+walletconnect:',
    '//',
    '?',
    '&relay=',
    '&secret=',
    'ws:',
  );
  const near = fc.array(fc.oneof(parts, fc.string()), { maxLength: 8 });
  fc.assert(
    fc.property(near, (texts) => {
      const address = readAddress(texts.join(''));
      expect(address === null || address.relayUrls.length > 0).toBe(true);
    }),
  );
});

test('any answer is read', () => {
  const named = (key: string) => fc.record({ [key]: fc.anything() });
  const keys = ['methods', 'transactions', 'notification', 'payment_hash', 'balance', 'invoice'];
  fc.assert(
    fc.property(fc.oneof(fc.anything(), ...keys.map(named)), (answer) => {
      words.readInfo(answer);
      words.readTransaction(answer);
      words.readList(answer);
      words.readBalance(answer);
      words.readMadeInvoice(answer);
      words.readNotification(answer);
    }),
  );
});

test('who may not look at the books cannot hold', () => {
  const hold = ['make_hold_invoice', 'settle_hold_invoice', 'cancel_hold_invoice'];
  const info = (methods: string[]) => words.readInfo({ methods, block_height: 1 })!;
  const all = [...hold, 'lookup_invoice'];
  expect(words.canHold(info(all), all)).toBe(true);
  expect(words.canHold(info(hold), all)).toBe(false);
  expect(words.canHold(info(all), ['lookup_invoice'])).toBe(false);
  expect(words.canLook(info([]))).toBe(true);
});
