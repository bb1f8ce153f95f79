/** Who paid and who was paid can show it, each on its own, long after. Whitepaper: "This can be implemented using proof of payments". */
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../src/lib/protocol/bytes.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { jobView, offerMadeView } from '../../src/lib/protocol/node/views.ts';
import { driveTo, type Ride } from './town.ts';

const jobOf = ({ customer, town }: Ride) =>
  jobView(customer.node, [...customer.node.jobs.values()][0]!, town.nowMs);
const offerOf = ({ worker }: Ride) => offerMadeView([...worker.node.offers.values()][0]!);

describe('proof of payment [PAY-17]', () => {
  test('is kept by both sides, through restarts', () => {
    const ride = driveTo('confirmed');
    const { town, customer, worker } = ride;
    town.pass(12_000);
    for (const seat of [customer, worker]) town.restart(seat);
    const paid = [...jobOf(ride).payments, ...offerOf(ride).payments];
    expect(paid.map(({ purpose, direction, state }) => [purpose, direction, state])).toEqual([
      ['network', 'out', 'settled'],
      ['gig', 'out', 'settled'],
      ['gig', 'in', 'settled'],
    ]);
    for (const { proof, paymentHash } of paid) {
      expect(isPreimageOf(bytesOf(proof!), paymentHash)).toBe(true);
    }
  });

  test('is nobody’s before the payment settles', () => {
    for (const stage of ['offered', 'matched'] as const) {
      const ride = driveTo(stage);
      const open = [...jobOf(ride).payments, ...offerOf(ride).payments];
      expect(open.filter((payment) => 'proof' in payment)).toEqual([]);
    }
  });
});
