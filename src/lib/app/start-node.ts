/**
 * Composition root: what a node in this page is made of. The worker holds the node; the page adds libp2p, fetched when the
 * node already runs; one tab at a time has the node.
 */
import type { Libp2pNetwork } from '../adapters/network/libp2p.ts';
import type { KeeperAnswer, KeeperWish } from '../../workers/keeper-messages.ts';
import type { FromNodeWorker, ToNodeWorker } from '../../workers/node-messages.ts';
import nodeUrl from '../../workers/node.worker.ts?worker&url';
import { trustedScriptUrl } from '../trusted-script-url.ts';
import { StartFault, type AppLink, type Keeper, type StartHow } from './app-link.ts';
import { recallDevnet } from './devnet-link.ts';
import { networkTime } from './first-visit.ts';
import { handOverWhenAsked, takeLock } from './one-tab.ts';
import { chosenNetwork, databaseOf } from './settings/device.ts';
import { watchSurroundings } from './surroundings.ts';
import type { Notice } from './types.ts';

/** ms for neighbours to hear that we leave, before another tab goes on in our place. */
const byeMs = 1_000;

/** Starts this page's node, or joins the one a devnet link points at. Rejects with a StartFault. */
export async function startNode(how: StartHow = { takeOver: false }): Promise<AppLink> {
  const devnet = recallDevnet(localStorage);
  const link = devnet?.desk
    ? await (await import('./remote-link.ts')).remoteLink(devnet.desk)
    : await startOwn(devnet !== null, how);
  expose(link);
  return link;
}

async function startOwn(practice: boolean, { takeOver, onKept }: StartHow): Promise<AppLink> {
  if (typeof RTCPeerConnection === 'undefined') throw new StartFault('NO_WEBRTC');
  const release = await takeLock(takeOver);
  if (release === null) throw new StartFault(takeOver ? 'TAB_SILENT' : 'OTHER_TAB');
  const worker = new Worker(trustedScriptUrl(nodeUrl), { type: 'module' });
  const say = (message: ToNodeWorker) => {
    worker.postMessage(message);
  };
  const notices = mailbox<Notice>();
  let network: Promise<Libp2pNetwork> | null = null;
  handOverWhenAsked(async () => {
    const bye = network?.then((port) => port.close()).catch(() => undefined);
    await Promise.race([bye, new Promise((resolve) => setTimeout(resolve, byeMs))]);
    worker.terminate();
    release();
  });
  const { keeper, answered } = keeperOf(say, (effect) => {
    void network?.then((port) => {
      port.perform(effect);
    });
  });
  const started = new Promise<Uint8Array>((resolve, reject) => {
    worker.onerror = (event) => {
      reject(new Error(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<FromNodeWorker>) => {
      if (data.from === 'failed') return reject(new StartFault(data.code, data.reason));
      if (data.from === 'kept') return onKept?.(data.kept, keeper);
      if (data.from === 'keeper') return answered(data.id, data.answer);
      if (data.from === 'app') return notices.put(data.notice);
      if (data.from === 'identity') {
        network = (practice ? Promise.resolve() : networkTime(window))
          .then(() => import('./start-network.ts'))
          .then(({ startNetwork }) =>
            startNetwork(data.privateKey, practice, () => surroundings.sparing, say),
          );
        return resolve(data.privateKey);
      }
      const { effect } = data;
      void network?.then((port) => {
        port.perform(effect);
      });
    };
  });
  let surroundings = watchSurroundings((changed) => {
    surroundings = changed;
    say({ to: 'work', surroundings: changed });
  });
  const bitcoin = practice ? 'regtest' : chosenNetwork(localStorage);
  say({ to: 'start', database: databaseOf(bitcoin), network: bitcoin, surroundings });
  await started;
  return {
    send: (command) => {
      say({ to: 'app', command });
    },
    listen: notices.listen,
    keeper,
  };
}

/** Questions to the keeper and their answers, each by its number. */
function keeperOf(
  say: (message: ToNodeWorker) => void,
  perform: Libp2pNetwork['perform'],
): { readonly keeper: Keeper; readonly answered: (id: number, answer: KeeperAnswer) => void } {
  const waiting = new Map<number, (answer: KeeperAnswer) => void>();
  let lastId = 0;
  const ask = (wish: KeeperWish) =>
    new Promise<KeeperAnswer>((resolve) => {
      waiting.set(++lastId, resolve);
      say({ to: 'keeper', id: lastId, wish });
    });
  return {
    keeper: {
      ask: ask as Keeper['ask'],
      call: (peer, relays) => {
        const addresses = relays.map((relay) => `${relay}/p2p-circuit/webrtc`);
        perform({ do: 'dial', peer, addresses });
      },
    },
    answered: (id, answer) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    },
  };
}

/** Keeps what comes before somebody listens. */
function mailbox<Item>() {
  let listener: ((item: Item) => void) | null = null;
  const waiting: Item[] = [];
  return {
    put(item: Item) {
      if (listener === null) waiting.push(item);
      else listener(item);
    },
    listen(to: (item: Item) => void) {
      listener = to;
      for (const item of waiting.splice(0)) to(item);
    },
  };
}

/** For people who drive many pages with Playwright: the same commands that the screens send. */
function expose(link: AppLink): void {
  Object.defineProperty(globalThis, 'gigGossip', { value: { send: link.send } });
}
