/**
 * A user's own Lightning wallet, reached by Nostr Wallet Connect (NIP-47): the wallet port of a
 * node in a browser's worker and of a headless one. One a node; its sessions come and go with the
 * addresses the user connects.
 */
import type { WalletEffect, WalletEvent } from '../../protocol/index.ts';
import type { WalletPort } from '../../runtime/ports.ts';
import { readAddress } from './link.ts';
import { Session, type SessionOptions } from './session.ts';

export type NwcOptions = SessionOptions;

export function createNwcWallet(options: NwcOptions): WalletPort {
  let session: Session | null = null;
  let listener: ((event: WalletEvent) => void) | null = null;
  const unheard: WalletEvent[] = [];

  /** Never at once: a node performs effects in the middle of a step. */
  const tell = (event: WalletEvent): void => {
    queueMicrotask(() => {
      if (listener) listener(event);
      else unheard.push(event);
    });
  };

  const connect = (uri: string): void => {
    session?.end();
    session = null;
    const address = readAddress(uri);
    if (address) session = new Session(address, options, tell);
    else tell({ on: 'walletGone', code: 'WALLET_ADDRESS_MALFORMED' });
  };

  const refuse = (effect: WalletEffect): void => {
    const paymentHash = 'paymentHash' in effect ? effect.paymentHash : null;
    const code = 'WALLET_UNREACHABLE';
    tell({ on: 'walletFailed', command: effect.do, paymentHash, code, retryable: true });
  };

  return {
    perform(effect) {
      if (effect.do === 'connectWallet') connect(effect.uri);
      else if (effect.do === 'disconnectWallet') {
        session?.end();
        session = null;
      } else if (session) session.perform(effect);
      else refuse(effect);
    },
    listen(next) {
      listener = next;
      for (const event of unheard.splice(0)) tell(event);
    },
  };
}
