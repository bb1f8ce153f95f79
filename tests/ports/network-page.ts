/** A node in a page for the network suite; the test drives it through `window.seat`. */
import { createNetwork } from '../../src/lib/adapters/network/libp2p.ts';
import type { NetworkEffect, NetworkEvent } from '../../src/lib/protocol/index.ts';

/** As it crosses to the test: bytes as base64. */
export type Carried = Record<string, unknown>;

export interface PageSeat {
  start(privateKey: string): void;
  perform(effects: readonly Carried[]): void;
}

declare global {
  interface Window {
    seat: PageSeat;
    /** Given by the test. */
    tellTest(events: readonly Carried[]): Promise<void>;
  }
}

let network: ReturnType<typeof createNetwork>;
let untold: Carried[] = [];

/** Many at once: each crossing costs. */
function tell(event: NetworkEvent): void {
  untold.push(event.on === 'received' ? { ...event, bytes: toBase64(event.bytes) } : { ...event });
  if (untold.length > 1) return;
  setTimeout(() => {
    void window.tellTest(untold);
    untold = [];
  });
}

window.seat = {
  start: (privateKey) => {
    network = createNetwork({
      privateKey: fromBase64(privateKey),
      iceServers: [],
      allowPrivateAddresses: true,
      webrtc: true,
    });
    network.listen(tell);
  },
  perform: (effects) => {
    for (const effect of effects) {
      const bytes = effect.bytes === undefined ? {} : { bytes: fromBase64(String(effect.bytes)) };
      network.perform({ ...effect, ...bytes } as unknown as NetworkEffect);
    }
  },
};

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
