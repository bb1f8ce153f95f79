/**
 * A practice network on this machine: libp2p relay, Nostr relay, real Lightning wallets with play money, a settler, a few
 * middlemen, and the app. Everything a ride needs but the two people.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Command, Notice, PeerKey, Policy } from '../lib/protocol/index.ts';
import { readStored, toStored } from '../lib/protocol/index.ts';
import { startRelay } from '../relay/relay.ts';
import { startHeadless, type HeadlessNode } from './headless.ts';
import {
  ordinary,
  personalities,
  personalityOf,
  startLightning,
  type Lightning,
} from './lightning/index.ts';
import { startNostrRelay } from './nostr-relay.ts';
import { createSharedWork, type SharedWork } from './shared-work.ts';
import { serveApp, type AppServer } from './serve.ts';

export interface DevnetOptions {
  /** Folder of the built app. */
  readonly app: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Numeric address that all of it listens on; this machine's own unless given. */
  readonly host?: string;
  /** STUN servers for its pages, as `stun:host:port`. */
  readonly stun?: readonly string[];
  /** No settler and no middlemen: whoever joins brings them. */
  readonly bare: boolean;
}

export interface Devnet {
  /** Opens the app with this network; a page of another host name is another person. */
  readonly url: string;
  /** The settler's desk; null in a bare network. */
  readonly deskUrl: string | null;
  stop(): Promise<void>;
}

/** Play money of a wallet minted over HTTP, and of the network's own nodes, sats. */
const walletSats = 1_000_000;
const middlemen = ['Basia', 'Czesiek', 'Danka'];
/** Wallets kept open, so that minting is quick. */
const spareWallets = 4;

/** Everything is stopped again if a part of it cannot be started. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { app, port, bare, stun = [] } = options;
  const host = options.host ?? '127.0.0.1';
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end().catch(() => undefined);
  };
  try {
    const net: Net = { host: null };
    const server = await serveApp({
      root: app,
      ...(options.host === undefined ? {} : { host }),
      port,
      devnet: (...call) => net.host?.answer(...call),
    });
    stops.push(server.close);
    const [nostr, relay] = await Promise.all([
      startNostrRelay({ host }),
      startRelay({ host, port: 0 }),
    ]);
    stops.push(nostr.close, relay.close);
    const wallets = bare ? spareWallets : spareWallets + middlemen.length + 1;
    const lightning = await startLightning({ nostrUrl: nostr.url, wallets });
    stops.push(lightning.stop);
    const relays = relay.addresses;
    const work = createSharedWork();
    stops.push(async () => work.close());
    const disks = await mkdtemp(join(tmpdir(), 'gig-gossip-'));
    stops.push(() => rm(disks, { recursive: true }));
    const people = bare ? null : await startPeople({ host, lightning, relays, work, disks });
    if (people) stops.push(() => stopAll([people.settler, ...people.middlemen]));
    const desk = people && openDesk(server.upgrades, people.settler);
    if (desk) stops.push(desk);
    const nodes = people ? [people.settler, ...people.middlemen] : [];
    net.host = createHost({ lightning, relays, stun, settler: people?.link ?? null, nodes });
    const url = `${server.url}join`;
    return { url, deskUrl: bare ? null : `${url}?desk`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Net {
  host: Host | null;
}

// ------------------------------------------------------------------------------------- its people

interface Ground {
  readonly host: string;
  readonly lightning: Lightning;
  readonly relays: readonly string[];
  readonly work: SharedWork;
  /** Folder of its nodes' memories, which end with the network. */
  readonly disks: string;
}

async function startPeople({ host, lightning, relays, work, disks }: Ground) {
  const start = (name: string, policy: Partial<Policy> = {}) =>
    startHeadless({
      name,
      host,
      work: work.port(name),
      policy,
      disk: join(disks, `${name}.sqlite`),
    });
  const approveWith = ['known_to_settler', 'driving_licence', 'no_criminal_record'].map((name) => ({
    name,
    value: 'checked',
  }));
  const settler = await start('settler', {
    approveAutomatically: true,
    approveWith,
    carry: false,
  });
  const others = await Promise.all(middlemen.map((name) => start(name)));
  for (const node of [settler, ...others]) {
    const uri = await lightning.mint({ sats: walletSats });
    node.command({ command: 'connectWallet', uri });
    node.command({ command: 'useRelays', relays });
  }
  const { node: own } = await settler.until(isNodeWithAddress);
  settler.command({ command: 'becomeSettler', name: 'Practice Settlers' });
  const { node } = await settler.until(isSettler);
  const address = own.addresses[0]!;
  const root = node.settlerRoot!;
  const link = { root, peer: node.peer, address };
  for (const other of others) {
    other.command({ command: 'addSettler', root, peer: node.peer, addresses: [address] });
  }
  await Promise.all(others.map((other) => other.until(knowsSettler)));
  await Promise.all([settler, ...others].map((other) => other.until(hasWallet)));
  return { settler, middlemen: others, link };
}

type View<V extends Notice['view']> = Extract<Notice, { view: V }>;

const isNodeWithAddress = (notice: Notice): notice is View<'node'> =>
  notice.view === 'node' && notice.node.addresses.length > 0;
const isSettler = (notice: Notice): notice is View<'node'> =>
  notice.view === 'node' && notice.node.isSettler;
const knowsSettler = (notice: Notice): notice is View<'settler'> =>
  notice.view === 'settler' && notice.settler.known;
const hasWallet = (notice: Notice): notice is View<'wallet'> =>
  notice.view === 'wallet' && notice.wallet.state === 'ready';

async function stopAll(nodes: readonly HeadlessNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()));
}

// ------------------------------------------------------------------------------ what it is asked

interface HostOptions {
  readonly lightning: Lightning;
  readonly relays: readonly string[];
  readonly stun: readonly string[];
  readonly settler: {
    readonly root: string;
    readonly peer: PeerKey;
    readonly address: string;
  } | null;
  /** The network's own. */
  readonly nodes: readonly HeadlessNode[];
}

interface Host {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * `GET /join` leads to the app with the network in the fragment; `POST /devnet/wallets` makes a funded wallet, or changes the
 * one of `key`; `POST /devnet/mine` makes blocks; `GET /devnet/balances` tells every wallet's to the msat; `POST
 * /devnet/restart?node=settler` kills a node of the network's own and starts it again from its disk.
 */
function createHost({ lightning, relays, stun, settler, nodes }: HostOptions): Host {
  return {
    async answer(request, response) {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
      const route = `${request.method ?? ''} ${url.pathname}`;
      switch (route) {
        case 'GET /join': {
          const fragment = fragmentFor(url, { relays, stun, settler });
          response.writeHead(302, { Location: `/#devnet?${fragment}` }).end();
          return;
        }
        case 'POST /devnet/wallets':
          return answerWallet(lightning, url.searchParams, response);
        case 'POST /devnet/mine': {
          const blocks = Number(url.searchParams.get('blocks') ?? '1');
          if (!Number.isInteger(blocks) || blocks < 1 || blocks > 2_016) {
            response.writeHead(400).end('blocks: 1 to 2016\n');
            return;
          }
          return json(response, { height: await lightning.mine(blocks) });
        }
        case 'POST /devnet/restart': {
          const node = nodes.find(({ name }) => name === url.searchParams.get('node'));
          if (node === undefined) {
            const names = nodes.map(({ name }) => name).join(', ');
            response.writeHead(400).end(`node: one of ${names}\n`);
            return;
          }
          return json(response, { restarted: (await node.restart(), node.name) });
        }
        case 'GET /devnet/balances':
          return json(response, await lightning.balances());
        default:
          response.writeHead(404).end('Not found\n');
      }
    },
  };
}

/** `?personality=slow,silent` makes a wallet like that; with `key=` an existing one becomes like that. */
async function answerWallet(lightning: Lightning, wish: URLSearchParams, response: ServerResponse) {
  const personality = personalityOf(wish.get('personality') ?? 'ordinary');
  const key = wish.get('key');
  if (personality === null) {
    const names = Object.keys(personalities).join(', ');
    response.writeHead(400).end(`personality: some of ${names}, with commas between\n`);
  } else if (key === null) {
    json(response, { uri: await lightning.mint({ sats: walletSats, personality }) });
  } else {
    await lightning.setPersonality(key, { ...ordinary, ...personality });
    json(response, {});
  }
}

function fragmentFor(
  url: URL,
  { relays, stun, settler }: Omit<HostOptions, 'lightning' | 'nodes'>,
): string {
  const parameters = new URLSearchParams();
  for (const relay of relays) parameters.append('relay', relay);
  if (settler) parameters.append('settler', `${settler.root}.${settler.peer}@${settler.address}`);
  for (const server of stun) parameters.append('stun', server);
  parameters.append('mint', `${url.origin}/devnet`);
  if (url.searchParams.has('desk')) parameters.append('desk', `ws://${url.host}/devnet/desk`);
  return parameters.toString();
}

function json(response: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
}

/** Lets a page of this machine drive a node, as it drives its own worker. */
function openDesk(upgrades: AppServer['upgrades'], node: HeadlessNode): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 65_536 });
  upgrades('/devnet/desk', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (page) => serveDesk(page, node));
  });
  return () =>
    new Promise((resolve) => {
      for (const page of sockets.clients) page.terminate();
      sockets.close(() => resolve());
    });
}

function serveDesk(page: WebSocket, node: HeadlessNode): void {
  const stop = node.watch((notice) => page.send(toStored(notice)));
  page.on('close', stop);
  page.on('error', () => undefined); // `close` follows
  page.on('message', (data: Buffer) => {
    try {
      node.command(readStored<Command>(data));
    } catch {
      page.close(1003, 'not a command');
    }
  });
}
