/** The libp2p adapter between headless nodes, over WebSockets, under the suite of all ports. */
import { createSeats } from './network-headless.ts';
import { boundedTest, relayedTest } from './network-real.ts';
import { networkSuite } from './network-suite.ts';
import { createRelay } from './network-world.ts';

const nodeWorld = async (listen: readonly string[]) => createSeats(await createRelay(), listen);

networkSuite('libp2p, headless', () => nodeWorld(['/ip4/127.0.0.1/tcp/0/ws']), boundedTest);
relayedTest('libp2p, headless and listening nowhere', () => nodeWorld([]));
