/**
 * Cryptographic payment chains: sender pays middleman pays ... pays settler, all on one payment hash, so that all are paid or
 * nobody is. Whitepaper: "Cryptographic Payment Chains based on HODL invoices".
 *
 * Differs from the paper: it is silent on timelocks. Each paid hop adds sigma blocks to the final CLTV of the invoice it
 * passes on, so that it has time to collect what it paid onward; a hop that would reach beyond 600 passes the invoice through
 * unchanged and for nothing. With wallets that are not known to cap their routes (s = 120) that is so from the second paid
 * hop on. All heights are blocks, all amounts msat.
 */
import { limits } from '../limits.ts';
import type { Heights, SettlementPromise } from '../wire/messages.ts';

/**
 * Blocks by which the HTLC to a payee behind one wallet may outlast its final CLTV: 3 + H·d + s. The shadow offset s is the
 * payer's wallet's: 0 if it caps its routes, up to 120 if not.
 */
export function routeBlocks(shadowBlocks: number): number {
  return limits.finalCltvSlack + limits.forwarders * limits.forwarderBlocks + shadowBlocks;
}

/** sigma: what a paid hop adds, H·d + s + 3 + b + g. */
export function hopBlocks(shadowBlocks: number): number {
  return routeBlocks(shadowBlocks) + limits.walletBufferBlocks + limits.graceBlocks;
}

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
    claimBy + disputeBlocks + limits.rulingBlocks <= decideBy
  );
}

/**
 * Block by which the network's payment is decided. `settle_on: service`: with the gig. `contact`: the dispute blocks after
 * Unlock, in which the sender may say that it reached nobody; as many for the replier's answer; and the ruling blocks. So a
 * long job binds the chain's money no longer than a short one.
 */
export function networkBy(
  { unlockBy, decideBy }: Heights,
  settleOn: SettlementPromise['settleOn'],
): number {
  const { disputeBlocks, rulingBlocks } = limits;
  if (settleOn === 'service') return decideBy;
  return Math.min(decideBy, unlockBy + 2 * disputeBlocks + rulingBlocks);
}

/** Final CLTV of the settler's own invoice: until its payment is decided, its margin, and its wallet's buffer. */
export function settlerFinalCltv(
  heights: Heights,
  settleOn: SettlementPromise['settleOn'],
  height: number,
): number {
  const held = networkBy(heights, settleOn) - height;
  return held + limits.settlerMarginBlocks + limits.walletBufferBlocks;
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

/**
 * What holding costs besides: 1 sat for every whole day (144 blocks) that the outgoing payment may be held, so that long
 * holds, which bind a wallet's money and one of its few slots, are dearer than short ones.
 */
export function holdFeeMsat(outgoingFinalCltv: number, shadowBlocks: number): bigint {
  const days = Math.floor((outgoingFinalCltv + routeBlocks(shadowBlocks)) / limits.blocksPerDay);
  return BigInt(days) * limits.holdFeeMsatPerDay;
}

/** What a hop knows of itself when it prices an invoice. */
export interface HopPolicy {
  /** The owner's own fee; the floor counts if it is higher. */
  readonly feeMsat: bigint;
  readonly lossCapMsat: bigint;
  readonly shadowBlocks: number;
}

/** The invoice a hop puts in place of the one it was given, or null to pass that one through. */
export function nextInvoice(
  outgoing: { readonly amountMsat: bigint; readonly minFinalCltv: number },
  policy: HopPolicy,
): { readonly amountMsat: bigint; readonly minFinalCltv: number; readonly feeMsat: bigint } | null {
  const { feeMsat: wish, lossCapMsat, shadowBlocks } = policy;
  if (outgoing.amountMsat > lossCapMsat) return null;
  const minFinalCltv = outgoing.minFinalCltv + hopBlocks(shadowBlocks);
  if (minFinalCltv > limits.maxFinalCltv) return null;
  const floor = feeFloorMsat(outgoing.amountMsat);
  const feeMsat = (wish > floor ? wish : floor) + holdFeeMsat(outgoing.minFinalCltv, shadowBlocks);
  return { amountMsat: outgoing.amountMsat + feeMsat, minFinalCltv, feeMsat };
}

/** May a hop pay onward now: is enough time left to collect, even if its outgoing HTLC lasts as long as it can? */
export function mayPayOnward(leg: {
  readonly settleDeadline: number;
  readonly height: number;
  readonly outgoingFinalCltv: number;
  readonly unlockBy: number;
  readonly shadowBlocks: number;
}): boolean {
  const longest = backByHeight(leg.height, leg.outgoingFinalCltv, leg.shadowBlocks);
  return leg.height <= leg.unlockBy && leg.settleDeadline >= longest + limits.graceBlocks;
}

/** Latest block at which a payment made now comes back if nothing else happens. */
export function backByHeight(height: number, finalCltv: number, shadowBlocks: number): number {
  return height + finalCltv + routeBlocks(shadowBlocks);
}
