/** What the page and its node worker say to each other: the ends of two ports, and how the node is started. */
import type {
  Command,
  Network,
  NetworkEffect,
  NetworkEvent,
  Notice,
} from '../lib/protocol/index.ts';
import type { Surroundings } from '../lib/adapters/work/staffing.ts';
import type { KeeperAnswer, KeeperWish, KeptFrom } from './keeper-messages.ts';

export type ToNodeWorker =
  | {
      readonly to: 'start';
      /** IndexedDB database of this node. */
      readonly database: string;
      readonly network: Network;
      readonly surroundings: Surroundings;
    }
  /** They changed: more or fewer workers mine. */
  | { readonly to: 'work'; readonly surroundings: Surroundings }
  | { readonly to: 'network'; readonly event: NetworkEvent }
  | { readonly to: 'app'; readonly command: Command }
  | { readonly to: 'keeper'; readonly id: number; readonly wish: KeeperWish };

export type FromNodeWorker =
  /** Of a node that starts, first of all: the network adapter's key, 32 bytes. */
  | { readonly from: 'identity'; readonly privateKey: Uint8Array }
  /** It does not start before its owner did something about it. */
  | { readonly from: 'kept'; readonly kept: KeptFrom }
  | { readonly from: 'keeper'; readonly id: number; readonly answer: KeeperAnswer }
  | { readonly from: 'network'; readonly effect: NetworkEffect }
  | { readonly from: 'app'; readonly notice: Notice }
  /** The node did not start: its memory is out of reach, or was made by a newer release. */
  | {
      readonly from: 'failed';
      readonly code: 'NO_STORAGE' | 'NEWER_STORED';
      readonly reason: string;
    };
