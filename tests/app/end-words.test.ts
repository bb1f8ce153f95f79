/** Why something ended is said in words, whatever code the node has for it. */
import { expect, test } from 'vitest';
import { endWords } from '../../src/lib/app/end-words.ts';
import { abortReasons, outcomeReasons } from '../../src/lib/protocol/wire/fields.ts';
import { journeyOfJob } from '../../src/lib/app/journey.ts';
import { t } from '../../src/lib/app/i18n/index.ts';
import type { JobView, PaymentView } from '../../src/lib/app/types.ts';

test('every outcome and every abort has a sentence, and so has a wallet that fails [STL-07]', () => {
  for (const reason of [...outcomeReasons, ...abortReasons, 'CERTIFICATE_NOT_VALID_NOW']) {
    expect(endWords(reason), reason).toMatch(/^[A-Z].*[.]$/);
  }
  expect(endWords('WALLET_REFUSED')).toContain('Your wallet said no');
});

test('so has every way in which a payment does not arrive', () => {
  const ofWallets = ['came back', 'insufficient balance', 'refused by the wallet'];
  for (const reason of ['not-held', 'not in the wallet', 'invoice expired', ...ofWallets]) {
    expect(endWords(reason), reason).toMatch(/^[A-Z].*[.]$/);
  }
});

test('what somebody wrote is not ours to put in words', () => {
  expect(endWords('I do not know you')).toBeNull();
});

test('the gig’s sats may be back while the network’s fee is still held', () => {
  const fee = (state: PaymentView['state']) =>
    journeyOfJob({
      stage: 'refunded',
      asks: [],
      payments: [{ purpose: 'network', state }],
    } as unknown as JobView).now;
  expect(fee('accepted')).toBe(t.journey.job.feeHeld);
  expect(fee('settled')).toBe(t.journey.job.feePaid);
  expect(fee('cancelled')).toBe(t.journey.job.refunded);
});
