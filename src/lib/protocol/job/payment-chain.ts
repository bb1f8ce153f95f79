/**
 * Cryptographic payment chains: sender pays middleman pays ... pays settler, all on one payment hash, so that all are paid or
 * nobody is. Whitepaper: "Cryptographic Payment Chains based on HODL invoices".
 *
 * Differs from the paper: it is silent on timelocks. Each paid hop adds sigma blocks to the final CLTV of the invoice it
 * passes on, so that it has time to collect what it paid onward; a hop that would reach beyond 600 passes the invoice through
 * unchanged and for nothing. All heights are blocks, all amounts msat.
 */
import { limits } from '../limits.ts';
import type { Heights } from '../wire/messages.ts';

/** Blocks by which the HTLC to a payee behind one wallet may outlast its final CLTV: 3 + H·d + s. */
export const routeBlocks =
  limits.finalCltvSlack + limits.forwarders * limits.forwarderBlocks + limits.shadowBlocks;

/** sigma: what a paid hop adds, H·d + s + 3 + b + g. */
export const hopBlocks = routeBlocks + limits.walletBufferBlocks + limits.graceBlocks;

/** Heights of a promise drafted at `height` for a job that may take `jobBlocks`. */
export function planHeights(height: number, jobBlocks: number): Heights {
  const job = Math.min(Math.max(jobBlocks, limits.minJobBlocks), limits.maxJobBlocks);
  const unlockBy = height + limits.unlockBlocks;
  const startBy = unlockBy + limits.startBlocks;
  const claimBy = startBy + job;
  const decideBy = claimBy + limits.disputeBlocks + limits.rulingBlocks;
  return { unlockBy, startBy, earliestClaim: startBy + 1, claimBy, decideBy };
}

/** In order, not in the past, and with time for a dispute and a ruling? */
export function heightsHold(heights: Heights, height: number, disputeBlocks: number): boolean {
  const { unlockBy, startBy, earliestClaim, claimBy, decideBy } = heights;
  return (
    height <= unlockBy &&
    unlockBy < startBy &&
    startBy < earliestClaim &&
    earliestClaim < claimBy &&
    claimBy + disputeBlocks <= decideBy
  );
}

/** Final CLTV of the settler's own invoice: until decide_by, its margin, and its wallet's buffer. */
export function settlerFinalCltv(heights: Heights, height: number): number {
  return heights.decideBy - height + limits.settlerMarginBlocks + limits.walletBufferBlocks;
}

/** Final CLTV of the replier's invoice for the gig. */
export function replierFinalCltv(heights: Heights, height: number): number {
  return heights.decideBy - height + limits.replierMarginBlocks + limits.walletBufferBlocks;
}

/** Least fee for carrying a payment of `amountMsat` onward: max(1 %, 10 sat) + 1 sat. */
export function feeFloorMsat(amountMsat: bigint): bigint {
  const onePercent = amountMsat / 100n;
  const floor = limits.lightningFeeFloorMsat;
  return (onePercent > floor ? onePercent : floor) + 1_000n;
}

/** The invoice a hop puts in place of the one it was given, or null to pass that one through. */
export function nextInvoice(
  outgoing: { readonly amountMsat: bigint; readonly minFinalCltv: number },
  policy: { readonly feeMsat: bigint; readonly lossCapMsat: bigint },
): { readonly amountMsat: bigint; readonly minFinalCltv: number; readonly feeMsat: bigint } | null {
  if (outgoing.amountMsat > policy.lossCapMsat) return null;
  const minFinalCltv = outgoing.minFinalCltv + hopBlocks;
  if (minFinalCltv > limits.maxFinalCltv) return null;
  const floor = feeFloorMsat(outgoing.amountMsat);
  const feeMsat = policy.feeMsat > floor ? policy.feeMsat : floor;
  return { amountMsat: outgoing.amountMsat + feeMsat, minFinalCltv, feeMsat };
}

/** May a hop pay onward now: is enough time left to collect, even if its outgoing HTLC lasts as long as it can? */
export function mayPayOnward(leg: {
  readonly settleDeadline: number;
  readonly height: number;
  readonly outgoingFinalCltv: number;
  readonly unlockBy: number;
}): boolean {
  const needed = leg.height + leg.outgoingFinalCltv + routeBlocks + limits.graceBlocks;
  return leg.height <= leg.unlockBy && leg.settleDeadline >= needed;
}

/** Latest block at which a payment made now comes back if nothing else happens. */
export function backByHeight(height: number, finalCltv: number): number {
  return height + finalCltv + routeBlocks;
}
