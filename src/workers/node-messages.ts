/** What the page and its node worker say to each other: the ends of two ports, and how the node is started. */
import type {
  Command,
  Network,
  NetworkEffect,
  NetworkEvent,
  Notice,
} from '../lib/protocol/index.ts';
import type { Surroundings } from '../lib/adapters/work/staffing.ts';

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
  | { readonly to: 'app'; readonly command: Command };

export type FromNodeWorker =
  /** First of all: the network adapter's key, 32 bytes. */
  | { readonly from: 'identity'; readonly privateKey: Uint8Array }
  | { readonly from: 'network'; readonly effect: NetworkEffect }
  | { readonly from: 'app'; readonly notice: Notice }
  /** The node did not start: its memory is out of reach, or was made by a newer release. */
  | {
      readonly from: 'failed';
      readonly code: 'NO_STORAGE' | 'NEWER_STORED';
      readonly reason: string;
    };
