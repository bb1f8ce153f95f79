/**
 * A wallet's address as it comes from outside: pasted with words around it, in a QR code, shared by another app, or in a link of ours
 * (`#nwc?uri=nostr%2Bwalletconnect%3A%2F%2F...`). It can spend, so it is taken out of the address bar at once, and only its owner's
 * word connects it.
 */

/** The address in a text, null if there is none. Wallets write it with and without slashes. */
export function walletAddressIn(text: string): string | null {
  const found = /nostr\+?walletconnect:(\/\/)?[0-9a-f]{64}\?[^\s"'<>]+/i.exec(text)?.[0];
  if (found === undefined) return null;
  return found.replace(/^nostr\+?walletconnect:(\/\/)?/i, 'nostr+walletconnect://');
}

/** What a link of ours or another app's share brings: null for an ordinary route. */
export function walletLinkFrom(hash: string): string | 'malformed' | null {
  const found = /^#\/?(nwc|shared)\?(.*)$/s.exec(hash);
  if (!found) return null;
  const parameters = new URLSearchParams(found[2]);
  const text = [...parameters.values()].join(' ');
  return walletAddressIn(text) ?? 'malformed';
}

/** Where a wallet's messages pass, to be shown before it is connected; '' if it names none. */
export function relayOf(address: string): string {
  const query = address.slice(address.indexOf('?') + 1);
  const relay = new URLSearchParams(query).get('relay') ?? '';
  return URL.parse(relay)?.host ?? '';
}
