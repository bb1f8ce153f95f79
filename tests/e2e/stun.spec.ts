/** Whom a phone asks for its public address: the practice network's STUN servers, or its owner's. */
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

test('STUN servers are the owner’s choice, and every dial uses them', async ({ join }) => {
  const network = await startPracticeNetwork('--bare', '--stun', 'stun:127.0.0.1:9');
  const own = /^stun:127\.0\.0\.1:10\s*stun:127\.0\.0\.1:11$/;
  try {
    const phone = await join('phone', network.url);
    const other = await join('other', network.url);
    await phone.go('#/node');
    await expect(phone.at('stun-servers')).toContainText(
      'stun:127.0.0.1:9, from the practice network',
    );

    await phone.at('stun-edit').locator('xpath=ancestor::details').locator('summary').click();
    await phone.at('stun-edit').fill('https://stun.example.org');
    await phone.at('stun-save').click();
    await expect(phone.at('stun-wrong')).toContainText('stun:host:port');
    await expect(phone.at('stun-servers')).toContainText('from the practice network');

    await phone.at('stun-edit').fill('stun:127.0.0.1:10\nstun:127.0.0.1:11');
    await phone.at('stun-save').click();
    await expect(phone.at('stun-servers')).toHaveText(own);

    await phone.kill();
    await phone.reopen('#/node');
    await expect(phone.at('stun-servers')).toHaveText(own);
    const key = await other.peerKey();
    const row = phone.page.locator(`[data-testid="peer-${key}"][data-connected="true"]`);
    await expect(row).toHaveAttribute('data-direct', 'true', { timeout: 60_000 });
    expect(await phone.iceServers()).toEqual([['stun:127.0.0.1:10', 'stun:127.0.0.1:11']]);
    expect(await other.iceServers()).toEqual([['stun:127.0.0.1:9']]);
  } finally {
    await network.stop();
  }
});
