/**
 * The settler as judge: what the parties say between Unlock and the outcome, what silence means, and the one outcome.
 * Whitepaper: "Payment settler", "Replying" (the settler asks for claims and decides).
 *
 *   the sender confirms                                   -> paid
 *   both cancel                                           -> refunded, network too
 *   a SealFraud                                           -> refunded, network too
 *   the replier concedes                                  -> refunded, network too if nobody could be reached
 *   a dispute, or a claim against a no contact            -> the owner rules before decide_by, or all is as if nobody claimed
 *   a claim inside [earliest_claim, claim_by], no dispute -> paid after the dispute blocks
 *   a no contact, no answer                               -> refunded, network too, after the dispute blocks
 *   none of these by claim_by                             -> refunded; the network is paid at decide_by
 *
 * Silence decides only when a block comes. A settler that was away as claim_by passed listens for `limits.listenBlocks` before
 * it takes nothing for silence: what was claimed in time is repeated until it is receipted, and counts as said when it is
 * heard, as long as the dispute blocks still fit before decide_by. Away for longer than that, nothing is on file: refunded. So
 * its absence costs the replier nothing it can mend, and the sender keeps the whole time to dispute. Nobody can prove absence.
 * Differs from the paper: see `job/settlement.ts`.
 */
import type { Network } from '../crypto.ts';
import type { Fault } from '../faults.ts';
import {
  needsRuling,
  openEvidence,
  pays,
  readStatement,
  refunds,
  signReceipt,
  signStatement,
  silence,
  type OnFile,
  type Verdict,
} from '../job/settlement.ts';
import { networkBy } from '../job/payment-chain.ts';
import { limits } from '../limits.ts';
import type { Step } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import type { Outcome, StatementsFrame } from '../wire/messages.ts';
import {
  blame,
  cancelEffects,
  end,
  follow,
  saved,
  settleEffects,
  signer,
} from './settler-effects.ts';
import type {
  CaseFile,
  Settlement,
  SettlementEvent,
  SettlementTerms,
  SettlerContext,
  State,
  StatementsEvent,
} from './settler-states.ts';

type Unlocked = State<'Unlocked'>;

export function onUnlocked(
  made: Unlocked,
  event: SettlementEvent,
  ctx: SettlerContext,
): Step<Settlement> {
  switch (event.on) {
    case 'statements':
      return onWords(made, event, ctx);
    case 'rule': {
      const { gig, network } = event;
      if (!mayRule(made, ctx.height) || (gig === 'paid' && network === 'refunded')) {
        return [made, []];
      }
      return conclude(made, { gig, network, reason: 'ruled' }, ctx);
    }
    case 'sealProven':
      return conclude(made, refunds('ruled', 'refunded'), ctx);
    case 'settle':
      return made.file.confirmed ? conclude(made, pays('confirmed'), ctx) : [made, []];
    case 'height': {
      const verdict = agreed(made, ctx) ?? bySilence(made, ctx.height);
      return verdict === null ? payForContact(made, ctx) : conclude(made, verdict, ctx);
    }
    case 'invoiceSettled':
      if (made.network === 'settled') return [made, []];
      return saved(withNetworkPaid(made), []);
    case 'wake':
      return [made, made.network === 'settling' ? settleEffects(made, ctx) : []];
    case 'resume': {
      const effects = made.network === 'settling' ? settleEffects(made, ctx) : [];
      if (made.network === 'held') effects.push(follow(made));
      if (ctx.height <= made.deal.heights.claimBy || made.file.backAt !== null) {
        return [made, effects];
      }
      return saved({ ...made, file: { ...made.file, backAt: ctx.height } }, effects);
    }
    default:
      return [made, []];
  }
}

/** The file as silence reads it. */
export function onFile({
  claimedAt,
  noContactAt,
  senderEvidence,
  replierEvidence,
}: CaseFile): OnFile {
  const isDisputed = senderEvidence !== null || replierEvidence !== null;
  return { claimedAt, noContactAt, isDisputed };
}

export function mayRule(made: Settlement, height: number): boolean {
  return (
    made.state === 'Unlocked' &&
    needsRuling(onFile(made.file)) &&
    height < made.deal.heights.decideBy
  );
}

// ------------------------------------------------------------------------------------ what is said

function onWords(made: Unlocked, event: StatementsEvent, ctx: SettlerContext): Step<Settlement> {
  const said = readWords(event.frame, made.deal, ctx.network);
  if (isFault(said)) return [made, [blame(said, event.from)]];
  const heard = hear(made, said, event.frame, ctx);
  const verdict = agreed(heard, ctx);
  if (verdict !== null) return conclude(heard, verdict, ctx);
  return heard === made ? [made, []] : saved(heard, []);
}

const sendersWords = ['confirmation', 'senderDispute', 'noContact', 'senderCancel'] as const;
const repliersWords = ['claim', 'replierDispute', 'concession', 'replierCancel'] as const;
type Spoken = (typeof sendersWords)[number] | (typeof repliersWords)[number];

/** Which of their words the parties say in this frame; a fault if any of them is not theirs. */
function readWords(
  frame: StatementsFrame,
  { senderKey, replierKey }: SettlementTerms,
  network: Network,
): ReadonlySet<Spoken> | Fault {
  const said = new Set<Spoken>();
  const words = [
    ...sendersWords.map((kind) => [kind, senderKey] as const),
    ...repliersWords.map((kind) => [kind, replierKey] as const),
  ];
  for (const [kind, key] of words) {
    const body = readStatement(kind, frame, { key, network });
    if (isFault(body)) return body;
    if (body !== null) said.add(kind);
  }
  return said;
}

/** Puts on file what is new and in time, with a receipt for claims, disputes and no contacts. */
function hear(
  made: Unlocked,
  said: ReadonlySet<Spoken>,
  frame: StatementsFrame,
  ctx: SettlerContext,
): Unlocked {
  const { promiseId, heights } = made.deal;
  const { height } = ctx;
  let heard = made;
  const note = (change: Partial<CaseFile>, published: Partial<StatementsFrame> = {}) => {
    const file = { ...heard.file, ...change };
    heard = { ...heard, file, published: { ...heard.published, ...published } };
  };
  const isNew = (kind: Spoken, known: unknown) =>
    said.has(kind) && (known === null || known === false);
  const receipt = (about: 'claim' | 'senderDispute' | 'replierDispute' | 'noContact') =>
    signReceipt(about, frame[about]!, height, { ...signer(ctx), promiseId });
  const evidence = (kind: 'senderDispute' | 'replierDispute') =>
    readEvidence(kind, frame, made.deal, ctx);
  const isMissed = made.file.backAt !== null && height + limits.disputeBlocks <= heights.decideBy;
  const inTime = height <= heights.claimBy || isMissed;
  const inWindow = height >= heights.earliestClaim && inTime;
  const { file } = made;
  if (isNew('confirmation', file.confirmed)) note({ confirmed: true });
  if (isNew('claim', file.claimedAt) && inWindow) note({ claimedAt: height }, receipt('claim'));
  if (isNew('noContact', file.noContactAt) && inTime) {
    note({ noContactAt: height }, receipt('noContact'));
  }
  if (isNew('senderDispute', file.senderEvidence)) {
    note({ senderEvidence: evidence('senderDispute') }, receipt('senderDispute'));
  }
  if (isNew('replierDispute', file.replierEvidence)) {
    note({ replierEvidence: evidence('replierDispute') }, receipt('replierDispute'));
  }
  const accused = heard.file.noContactAt !== null || heard.file.senderEvidence !== null;
  if (isNew('concession', file.conceded) && accused) note({ conceded: true });
  if (isNew('senderCancel', file.senderCancels)) {
    note({ senderCancels: true }, { senderCancel: frame.senderCancel });
  }
  if (isNew('replierCancel', file.replierCancels)) {
    note({ replierCancels: true }, { replierCancel: frame.replierCancel });
  }
  return heard;
}

function readEvidence(
  kind: 'senderDispute' | 'replierDispute',
  frame: StatementsFrame,
  { senderKey, replierKey, promiseId }: SettlementTerms,
  { network, secret }: SettlerContext,
): string {
  const key = kind === 'senderDispute' ? senderKey : replierKey;
  const dispute = readStatement(kind, frame, { key, network });
  return dispute === null || isFault(dispute)
    ? ''
    : openEvidence(dispute.evidence, promiseId, secret);
}

// --------------------------------------------------------------------------------- what is decided

/** What the parties' own words decide, whatever else is on file. */
function agreed({ file, deal }: Unlocked, ctx: SettlerContext): Verdict | null {
  const isDue = ctx.policy.settleAutomatically || ctx.height > deal.heights.claimBy;
  if (file.confirmed) return isDue ? pays('confirmed') : null;
  if (file.senderCancels && file.replierCancels) return refunds('cancelled', 'refunded');
  if (file.conceded) return refunds('conceded', file.noContactAt === null ? 'paid' : 'refunded');
  return null;
}

function bySilence(made: Unlocked, height: number): Verdict | null {
  if (made.file.confirmed) return null;
  const due = silence(onFile(made.file), made.deal.heights, limits.disputeBlocks);
  const { backAt } = made.file;
  const isListening = backAt !== null && height < backAt + limits.listenBlocks;
  if (due.verdict.reason === 'nobody-claimed' && isListening) return null;
  return height >= due.height ? due.verdict : null;
}

/**
 * `settle_on: contact`: the network is paid for bringing the two together, unless the sender says that it did not; at the
 * latest when its own payment must be decided, as its outcome when nobody rules is paid.
 */
function payForContact(made: Unlocked, ctx: SettlerContext): Step<Settlement> {
  const { deal, network, unlockedAt, file } = made;
  if (deal.settleOn !== 'contact' || network !== 'held') return [made, []];
  const isUnopposed = file.noContactAt === null && ctx.height >= unlockedAt + limits.disputeBlocks;
  const isLast = ctx.height >= networkBy(deal.heights, deal.settleOn);
  if (!isUnopposed && !isLast) return [made, []];
  const paying: Unlocked = { ...made, network: 'settling' };
  return saved(paying, settleEffects(paying, ctx));
}

/** The one outcome: signed and stored before any money follows it. */
function conclude(made: Unlocked, verdict: Verdict, ctx: SettlerContext): Step<Settlement> {
  const { deal, invoice, settleDeadline, file } = made;
  const { promiseId } = deal;
  const { gig, reason } = verdict;
  const network = made.network === 'held' ? verdict.network : 'paid';
  const outcome: Outcome = { promiseId, gig, network, reason, height: ctx.height };
  const signed = signStatement('outcome', outcome, signer(ctx));
  const published = { ...made.published, outcome: signed };
  const kept = { deal, invoice, settleDeadline, file, published, outcome };
  if (made.network === 'settled') {
    return end({ ...kept, state: 'Settling' }, endOfGig(outcome), reason);
  }
  if (network === 'refunded') {
    const returning: State<'Returning'> = { ...kept, state: 'Returning' };
    return saved(returning, cancelEffects(returning, ctx));
  }
  if (reason === 'nobody-claimed' && made.network === 'held') {
    const refunded: State<'Refunded'> = { ...kept, state: 'Refunded' };
    if (ctx.height < networkBy(deal.heights, deal.settleOn)) return saved(refunded, []);
  }
  return settle(kept, ctx);
}

/** The outcome is on disk; the network's preimage goes to the wallet. */
export function settle(
  made: Omit<State<'Refunded' | 'Settling'>, 'state'>,
  ctx: SettlerContext,
): Step<Settlement> {
  const settling: State<'Settling'> = { ...made, state: 'Settling' };
  return saved(settling, settleEffects(settling, ctx));
}

export function onSettled(made: State<'Settling'>): Step<Settlement> {
  return end(withNetworkPaid(made), endOfGig(made.outcome), made.outcome.reason);
}

function withNetworkPaid<S extends Unlocked | State<'Settling'>>(made: S): S {
  const { networkPreimage } = made.deal;
  const paid = made.state === 'Unlocked' ? { network: 'settled' as const } : {};
  return { ...made, ...paid, published: { ...made.published, networkPreimage } };
}

function endOfGig({ gig }: Outcome): 'settled' | 'refunded' {
  return gig === 'paid' ? 'settled' : 'refunded';
}
