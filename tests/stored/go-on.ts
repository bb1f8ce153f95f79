/** What people do when their devices are back: each takes the next step that is open to it, until every deadline is over. */
import type { Town } from '../protocol/town.ts';
import { statesOn } from './worlds.ts';

/** Blocks until every deadline of a promise and every payment is over. */
const allBlocks = 720;
const over = ['job: Ended', 'job: Withdrawn', 'offer: Paid', 'offer: Lost', 'offer: Failed'];
over.push('leg: Ended', 'settlement: Ended', 'thank-you: Met', 'thank-you: Ended');
over.push('unsettled: Met', 'unsettled: Unmet', 'unsettled: Ended');
over.push('favour-bought: Paid', 'favour-bought: Failed');

export function goOn(town: Town): void {
  for (let mined = 0; mined < allBlocks && !isOver(town); mined += 6) {
    // Who withdraws, does so only when nothing else is left to do.
    act(town, mined > allBlocks / 2);
    town.pass(60_000);
    act(town, false);
    town.mine(6);
    town.pass(60_000);
  }
}

/** States of machines that did not come to their end, and payments that did not. */
export function unfinished(town: Town): string[] {
  const states = [...town.seats.values()].flatMap(({ disk }) => statesOn(disk));
  const held = town.ledger.inFlight();
  return [
    ...states.filter((state) => !over.includes(state)),
    ...(held > 0 ? [`${held} payments in flight`] : []),
  ];
}

const isOver = (town: Town) => unfinished(town).length === 0;

function act(town: Town, isLate: boolean): void {
  const [customer, settler] = [town.named('customer'), town.named('settler')];
  for (const [payloadId, job] of customer.node.jobs) {
    const [offer] = job.offers;
    if (job.state === 'Broadcasting' && offer) {
      const { promiseId } = offer;
      town.command(customer, { command: 'chooseReply', payloadId, promiseId });
    } else if (job.state === 'Broadcasting' && isLate) {
      town.command(customer, { command: 'cancelJob', payloadId });
    } else if (job.state === 'Matched' && job.said.evidence === null && !job.said.cancels) {
      town.command(customer, { command: 'confirmJob', payloadId });
    }
  }
  for (const [digest, { state }] of customer.node.thankYous) {
    if (state === 'Received') town.command(customer, { command: 'thank', digest });
  }
  for (const [promiseId, { state, file }] of settler.node.settlements) {
    if (state !== 'Unlocked' || file.senderEvidence === null) continue;
    const ruling = { gig: 'refunded', network: 'refunded' } as const;
    town.command(settler, { command: 'rulePromise', promiseId, ...ruling });
  }
}
