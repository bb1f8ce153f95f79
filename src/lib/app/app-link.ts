/**
 * The app's end of its node: commands go in, notices come out. `start-node.ts` makes one; tests and previews pass their
 * own. One listener; notices that arrive before it is set are kept by the link.
 */
import type { KeeperAnswer, KeeperWish, KeptFrom } from '../../workers/keeper-messages.ts';
import type { Command, Notice, PeerKey } from '../protocol/index.ts';

export type * from '../../workers/keeper-messages.ts';

export interface AppLink {
  send(command: Command): void;
  listen(listener: (notice: Notice) => void): void;
  /** Of a node that lives in this page; null of one elsewhere. */
  readonly keeper?: Keeper | null;
}

/** The page's end of the keeper of this node's secrets. */
export interface Keeper {
  ask<Ask extends KeeperWish['ask']>(
    wish: Extract<KeeperWish, { readonly ask: Ask }>,
  ): Promise<KeeperAnswer<Ask>>;
  /** Calls a peer through these relays: somebody who answers to that key runs elsewhere. */
  call(peer: PeerKey, relays: readonly string[]): void;
}

export interface StartHow {
  /** Another tab that has the node is asked for it. */
  readonly takeOver: boolean;
  /** The node does not start before its owner unlocks it, or says where it lives. */
  readonly onKept?: (kept: KeptFrom, keeper: Keeper) => void;
}

/** Why a node could not be started in this page. */
export type StartFaultCode =
  | 'OTHER_TAB' // the node already runs in another tab of this browser
  | 'TAB_SILENT' // that tab was asked to hand it over, and did not
  | 'NO_STORAGE' // the browser keeps nothing for this page
  | 'NEWER_STORED' // this node's memory was made by a newer release
  | 'NO_WEBRTC' // the browser cannot open connections to other browsers
  | 'REMOTE_SILENT'; // the node this window should show does not answer

export class StartFault extends Error {
  readonly code: StartFaultCode;

  constructor(code: StartFaultCode, detail = '') {
    super(detail === '' ? code : `${code}: ${detail}`);
    this.name = 'StartFault';
    this.code = code;
  }
}
