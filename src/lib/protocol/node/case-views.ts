/** What is claimed, disputed and remembered, as the app is shown it. Nothing here changes anything. */
import { needsRuling, silence, type OnFile, type Receipts } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import type { OfferMade } from '../roles/replier.ts';
import type { Job } from '../roles/sender.ts';
import type { Settlement } from '../roles/settler.ts';
import { onFile } from '../roles/settler-case.ts';
import type { CaseView } from '../views.ts';
import type { Heights } from '../wire/messages.ts';

const nothing = {
  claims: false,
  disputes: false,
  noContact: false,
  concedes: false,
  cancels: false,
} as const;

/** The customer's case: from the contact to the outcome. */
export function jobCase(job: Job): CaseView | null {
  if (job.state !== 'Matched' && job.state !== 'Confirmed') return null;
  const { said, receipts, otherCancels, chosen } = job;
  const { evidence, noContact, cancels } = said;
  const mine = { ...nothing, disputes: evidence !== null, noContact, cancels };
  return { ...receiptsView(receipts, chosen.heights), said: mine, otherCancels };
}

/** The worker's. */
export function offerCase(made: OfferMade): CaseView | null {
  if (made.state !== 'Matched') return null;
  const { said, receipts, otherCancels, draft } = made;
  const { evidence, claims, concedes, cancels } = said;
  const mine = { ...nothing, claims, disputes: evidence !== null, concedes, cancels };
  return { ...receiptsView(receipts, draft.heights), said: mine, otherCancels };
}

function receiptsView(
  { claim, noContact, senderDispute, replierDispute }: Receipts,
  heights: Heights,
): Omit<CaseView, 'said' | 'otherCancels'> {
  const senderDisputedAt = senderDispute?.height ?? null;
  const replierDisputedAt = replierDispute?.height ?? null;
  const claimedAt = claim?.height ?? null;
  const noContactAt = noContact?.height ?? null;
  const isDisputed = senderDisputedAt !== null || replierDisputedAt !== null;
  const file: OnFile = { claimedAt, noContactAt, isDisputed };
  return {
    claimedAt,
    noContactAt,
    senderDisputedAt,
    replierDisputedAt,
    ...nextOf(file, heights),
  };
}

function nextOf(file: OnFile, heights: Heights): Pick<CaseView, 'decidedAt' | 'then'> {
  const { height: decidedAt, verdict } = silence(file, heights, limits.disputeBlocks);
  return { decidedAt, then: needsRuling(file) ? 'ruled' : verdict.gig };
}

/** What a settler's desk shows of the case itself. */
export function settlementCase(made: Settlement) {
  const { claimedAt, noContactAt, senderEvidence, replierEvidence } = made.file;
  const isOpen = made.state === 'Unlocked';
  const next = nextOf(onFile(made.file), made.deal.heights);
  return {
    claimedAt,
    noContactAt,
    senderEvidence,
    replierEvidence,
    decidedAt: isOpen ? next.decidedAt : 0,
    stage: !isOpen
      ? null
      : next.then === 'ruled'
        ? 'disputed'
        : claimedAt !== null
          ? 'claimed'
          : null,
  } as const;
}
