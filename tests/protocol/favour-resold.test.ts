/** An invoice that a node made itself, shown to it as somebody else's price, when the payment for it is long over. */
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { received } from './paper.ts';
import { driveOn, ride } from './town.ts';

const pays = { maxPayMsat: 20_000n, maxPayPerDayMsat: 50_000n, payAboveMs: 0 };

test.each([
  ['its own invoice, paid and forgotten, is not paid in place of work [WRK-20]', false],
  ['nor after a restart: what is over is remembered until it has expired [WRK-20]', true],
])('%s', (_rule, restarts) => {
  const made = ride();
  const { town, customer, m1, m2 } = made;
  town.command(customer, { command: 'setPolicy', policy: pays });
  town.command(m1, { command: 'setPolicy', policy: { priceMsat: 5_000n } });
  driveOn('posted', made);
  const own = received(customer, 'conditions')[0]!.paymentRequest;
  expect(own).not.toBeNull();
  expect(m1.node.favoursSold.size).toBe(0);

  town.command(m1, { command: 'setPolicy', policy: pays });
  if (restarts) town.restart(m1);
  town.onFrame = (from, _to, bytes) => {
    const frame = decodeFrame(bytes);
    if (isFault(frame) || from !== m2 || frame.kind !== 'conditions') return bytes;
    return encodeFrame({ ...frame, paymentRequest: own });
  };
  driveOn('posted', made);
  expect(m1.life.flatMap(({ effects }) => effects)).not.toContainEqual(
    expect.objectContaining({ do: 'payInvoice', paymentHash: own!.paymentHash }),
  );
  const proofs = received(m2, 'broadcast').map(({ proof }) => proof.kind);
  expect(proofs.length).toBeGreaterThanOrEqual(2);
  expect(new Set(proofs)).toEqual(new Set(['proofOfWork']));
});
