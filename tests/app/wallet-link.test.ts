/** A wallet's address from outside: found among other words, taken out of the address bar, connected by nobody but its owner. */
import { describe, expect, test } from 'vitest';
import { relayOf, walletAddressIn, walletLinkFrom } from '../../src/lib/app/wallet-link.ts';
import { checkWalletAddress } from '../../src/lib/app/checks.ts';

const rest = `${'ab'.repeat(32)}?relay=wss%3A%2F%2Frelay.example.org%2Fnwc&secret=${'cd'.repeat(32)}`;
const address = `nostr+walletconnect://${rest}`;

describe('an address', () => {
  test.each([
    ['as it is', address],
    ['among words', `Connect here: ${address} (do not share)`],
    ['without slashes', `nostr+walletconnect:${rest}`],
    ['as older wallets wrote it', `nostrwalletconnect://${rest}`],
    ['in capitals', `NOSTR+WALLETCONNECT://${rest}`],
  ])('is found %s', (_name, text) => {
    expect(walletAddressIn(text)).toBe(address);
    expect(checkWalletAddress(walletAddressIn(text)!)).toBeNull();
  });

  test.each(['', 'lnbc1pvjluez', 'nostr+walletconnect://abcd?relay=x', 'https://example.org'])(
    '%s is none',
    (text) => {
      expect(walletAddressIn(text)).toBeNull();
    },
  );

  test('names the relay its messages pass', () => {
    expect(relayOf(address)).toBe('relay.example.org');
    expect(relayOf('nostr+walletconnect://ab?secret=cd')).toBe('');
  });
});

describe('a link', () => {
  test('brings an address by our own word or from another app', () => {
    expect(walletLinkFrom(`#nwc?uri=${encodeURIComponent(address)}`)).toBe(address);
    expect(walletLinkFrom(`#/nwc?uri=${encodeURIComponent(address)}`)).toBe(address);
    const shared = encodeURIComponent(`My wallet ${address} `);
    expect(walletLinkFrom(`#shared?text=${shared}`)).toBe(address);
  });

  test('without one says so; other links are none of these', () => {
    expect(walletLinkFrom('#shared?text=hello')).toBe('malformed');
    expect(walletLinkFrom('#nwc?')).toBe('malformed');
    for (const hash of ['', '#/', '#/node/wallet', '#devnet?relay=x']) {
      expect(walletLinkFrom(hash)).toBeNull();
    }
  });
});
