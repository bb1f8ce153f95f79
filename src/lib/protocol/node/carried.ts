/** How often a topic was carried, and whether that is enough. Whitepaper: the multibroadcast number. */
import type { PayloadId } from '../ids.ts';
import type { Node } from './state.ts';

export function timesCarried({ payloads }: Pick<Node, 'payloads'>, payloadId: PayloadId): number {
  const times = payloads.get(payloadId);
  return typeof times === 'number' ? times : 0;
}

/** Multibroadcast: a topic that comes another way is sent on again, so that its sender gets several ways home. */
export function isCarriedEnough(
  node: Pick<Node, 'payloads' | 'policy'>,
  payloadId: PayloadId,
): boolean {
  const { payloads, policy } = node;
  return (
    payloads.get(payloadId) === 'bad' || timesCarried(node, payloadId) >= policy.multibroadcast
  );
}
