/**
 * The libp2p adapter between pages of a real browser, introduced by a real relay and joined by
 * WebRTC, under the suite of all network ports.
 */
import { browserWorld } from './network-pages.ts';
import { boundedTest, pageTest, relayedTest } from './network-real.ts';
import { networkSuite } from './network-suite.ts';

networkSuite('libp2p, pages', browserWorld, (at, pair) => {
  boundedTest(at, pair);
  pageTest(at, pair);
});
relayedTest('libp2p, pages whose network lets no UDP out', () => browserWorld({ deaf: true }));
