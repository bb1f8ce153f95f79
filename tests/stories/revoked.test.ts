/** A worker loses his licence: what his settler takes back is worth nothing to anybody, from the next second on. */
import { expect, test } from 'vitest';
import { see, topic, wait } from './ride.ts';
import { tell } from './transcript.ts';

test('a worker is revoked while his reply is on its way: its sender refuses it [CRT-05, STL-09, NET-08]', () => {
  tell('revoked', (ride) => {
    const { customer, worker, settler, world } = ride;
    const before = { ...world.ledger.balances() };
    customer.command({ command: 'postJob', topic });
    wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
    const { payloadId } = see(worker, 'heard')!.heard;
    const offer = { payloadId, priceMsat: 12_000_000n, contactText: 'Ola, white Skoda' };
    worker.command({ command: 'makeOffer', ...offer });
    wait(ride, 'the reply is on its way', () => see(worker, 'offerMade')?.offer.stage === 'sent');
    const members = [...settler.views.values()].flatMap((notice) =>
      notice.view === 'membership' ? [notice.membership] : [],
    );
    const { applicationId } = members.find(({ name }) => name === 'worker')!;
    const reason = 'The licence was withdrawn.';
    settler.command({ command: 'revokeMembership', applicationId, reason, atOnce: true });
    world.clock.runUntil(world.clock.now() + 5_000);
    expect(see(customer, 'fault')?.code).toBe('CERTIFICATE_REVOKED');
    expect(see(customer, 'job')!.job.offers).toEqual([]);
    expect(see(worker, 'settler')!.settler.memberships[0]).toMatchObject({
      state: 'revoked',
      reason,
    });
    worker.command({ command: 'makeOffer', ...offer });
    world.clock.runUntil(world.clock.now() + 5_000);
    expect(world.ledger.balances()).toEqual(before);
  });
});
