/** A world of pages of a real browser under the app's own content security policy, with a real relay, for tests of the adapter. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from '@playwright/test';
import type { BrowserContext } from '@playwright/test';
import { build } from 'vite';
import type { Rolldown } from 'vite';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { patchWebrtc } from '../../tools/patch-webrtc.ts';
import type { Carried } from './network-page.ts';
import { told } from './network-suite.ts';
import type { NetworkWorld } from './network-suite.ts';
import { createKeys, createRelay, createWaiting } from './network-world.ts';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  'connect-src ws://127.0.0.1:*',
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The page's files, by path. */
async function buildPage(): Promise<Map<string, string>> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [patchWebrtc()],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: {
        input: { page: new URL('./network-page.ts', import.meta.url).pathname },
        output: { entryFileNames: '[name].js' },
      },
    },
  })) as Rolldown.RolldownOutput;
  const files = new Map([['/', '<!doctype html><script type="module" src="page.js"></script>']]);
  for (const file of output) if (file.type === 'chunk') files.set(`/${file.fileName}`, file.code);
  return files;
}

async function serve(files: ReadonlyMap<string, string>) {
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url);
    const type = url === '/' ? 'text/html' : 'text/javascript';
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': type,
      'content-security-policy': CSP,
    });
    response.end(file);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

const toCarried = (effect: object): Carried =>
  'bytes' in effect
    ? { ...effect, bytes: Buffer.from(effect.bytes as Uint8Array).toString('base64') }
    : { ...effect };
const toEvent = (carried: Carried): NetworkEvent =>
  (carried.bytes === undefined
    ? carried
    : {
        ...carried,
        bytes: new Uint8Array(Buffer.from(String(carried.bytes), 'base64')),
      }) as unknown as NetworkEvent;

/** With `deaf` pages no address of another arrives: what a firewall without UDP comes to. */
export async function browserWorld({ deaf = false } = {}): Promise<NetworkWorld> {
  const [relay, site] = [await createRelay(), await serve(await buildPage())];
  const keyOf = createKeys();
  const { poke, until } = createWaiting();
  const executablePath = await ensureChromium();
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  const contexts = new Set<BrowserContext>();
  const clear = async () => {
    await Promise.all([...contexts].map((context) => context.close()));
    contexts.clear();
  };

  return {
    seat: async (former) => {
      const { peer, secret } = keyOf(former);
      // Pages of different contexts never share a process, so each can die alone.
      const context = await browser.newContext();
      contexts.add(context);
      const page = await context.newPage();
      if (deaf) {
        await page.addInitScript(() => {
          RTCPeerConnection.prototype.addIceCandidate = async () => {};
        });
      }
      page.on('pageerror', (error) => console.error(error));
      const events: NetworkEvent[] = [];
      await page.exposeFunction('tellTest', (carried: readonly Carried[]) => {
        events.push(...carried.map(toEvent));
        poke();
      });
      await page.goto(site.url);
      await page.waitForFunction(() => 'seat' in window);
      await page.evaluate((key) => window.seat.start(key), Buffer.from(secret).toString('base64'));
      return {
        peer,
        events,
        perform: (...effects) =>
          page.evaluate((carried) => window.seat.perform(carried), effects.map(toCarried)),
        leave: async () => {
          await page.goto('about:blank');
        },
        comeOnline: () => page.evaluate(() => void dispatchEvent(new Event('online'))),
        kill: async () => {
          await Promise.all([
            page.waitForEvent('crash'),
            page.goto('chrome://crash').catch(() => null),
          ]);
          await context.close();
          contexts.delete(context);
        },
      };
    },
    addresses: async (of) => {
      const known = () =>
        told(of, 'addresses')
          .at(-1)
          ?.addresses.filter((address) => address.includes('/webrtc/')) ?? [];
      if (told(of, 'relay').length === 0) {
        await of.perform({ do: 'useRelays', relays: [relay.address] });
      }
      await until('an address', () => known().length > 0);
      return known();
    },
    until,
    relay: relay.address,
    deadRelay: relay.deadAddress,
    setRelay: relay.set,
    clear,
    close: async () => {
      await browser.close();
      site.close();
      await relay.set(false);
    },
  };
}
