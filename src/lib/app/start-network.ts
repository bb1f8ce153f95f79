/** The network port of this page's node. libp2p lives on the page's thread; its module is the largest, so this is fetched last. */
import { createNetwork, type Libp2pNetwork } from '../adapters/network/libp2p.ts';
import type { ToNodeWorker } from '../../workers/node-messages.ts';
import { recallDevnet } from './devnet-link.ts';
import { formerPeersIn } from './former-peers.ts';
import { hasMeans, type Connection } from './introductions.ts';
import { recallStunServers } from './stun-servers.ts';

export function startNetwork(
  privateKey: Uint8Array,
  practice: boolean,
  isSparing: () => boolean,
  say: (message: ToNodeWorker) => void,
): Libp2pNetwork {
  const local = ['localhost', '127.0.0.1'].includes(location.hostname);
  const onThisMachine = local || location.hostname.endsWith('.localhost');
  const port = createNetwork({
    privateKey,
    iceServers: () => {
      const stun = recallStunServers(localStorage) ?? recallDevnet(localStorage)?.stun ?? [];
      return stun.length === 0 ? [] : [{ urls: [...stun] }];
    },
    // A practice network is where its host says, mostly beside us.
    allowPrivateAddresses: practice || onThisMachine,
    webrtc: true,
    formerPeers: formerPeersIn(localStorage),
    means: () => {
      const { connection } = navigator as { readonly connection?: Connection };
      return hasMeans(localStorage, { sparing: isSparing(), connection });
    },
  });
  port.listen((event) => {
    say({ to: 'network', event });
  });
  return port;
}
