/** Wallet ports where the app has them: in a worker. */
import { createNwcWallet, type NwcOptions } from '../../../src/lib/adapters/wallet/nwc.ts';
import type { WalletEffect } from '../../../src/lib/protocol/index.ts';
import type { WalletPort } from '../../../src/lib/runtime/ports.ts';

export type ToWorker =
  | { readonly seat: number; readonly open: NwcOptions }
  | { readonly seat: number; readonly perform: WalletEffect };

const ports = new Map<number, WalletPort>();

onmessage = ({ data }: MessageEvent<ToWorker>) => {
  const { seat } = data;
  if ('perform' in data) return ports.get(seat)?.perform(data.perform);
  const port = createNwcWallet(data.open);
  ports.set(seat, port);
  port.listen((event) => postMessage({ seat, event }));
};
