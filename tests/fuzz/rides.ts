/** The rides in the middle of which nodes are told things: a happy one, one before the settler, and ones that go wrong. */
import { driveTo, type Ride } from '../protocol/town.ts';

function ending(go: (ride: Ride) => void): Ride {
  const ride = driveTo('matched');
  go(ride);
  return ride;
}

const promiseIdOf = ({ settler }: Ride) => [...settler.node.settlements.keys()][0]!;
const payloadIdOf = ({ customer }: Ride) => [...customer.node.jobs.keys()][0]!;
const offerIdOf = ({ worker }: Ride) => [...worker.node.offers.values()][0]!.offer.offerId;

export const rides: readonly Ride[] = [
  driveTo('confirmed'),
  ending((ride) => {
    const { town, worker, customer } = ride;
    const promiseId = promiseIdOf(ride);
    town.command(worker, { command: 'announceDone', offerId: offerIdOf(ride) });
    town.mine(12);
    town.pass(60_000);
    town.command(customer, { command: 'dispute', promiseId, text: 'Nobody came.' });
    town.command(worker, { command: 'dispute', promiseId, text: 'I was there at nine.' });
    town.pass(60_000);
  }),
  ending((ride) => {
    const { town, worker, customer } = ride;
    town.command(customer, { command: 'reportNoContact', payloadId: payloadIdOf(ride) });
    town.pass(10_000);
    town.command(worker, { command: 'concede', offerId: offerIdOf(ride) });
    town.pass(10_000);
  }),
  ending((ride) => {
    const { town, worker, customer } = ride;
    const promiseId = promiseIdOf(ride);
    town.command(customer, { command: 'say', promiseId, text: 'I wait at the corner.' });
    town.command(worker, { command: 'cancelTogether', promiseId });
    town.command(customer, { command: 'cancelTogether', promiseId });
    town.pass(10_000);
  }),
];
