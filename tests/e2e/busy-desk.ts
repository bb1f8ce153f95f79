/**
 * A settler's node that is as busy as one gets: it tells the app its views as the devnet's settler does, a thousand cases of them,
 * and answers the desk's commands as a node would. No money, no neighbours: what is tested is the desk.
 */
import { WebSocketServer, type WebSocket } from 'ws';
import { buildApp } from '../../src/devnet/build-app.ts';
import { serveApp } from '../../src/devnet/serve.ts';
import {
  readStored,
  toStored,
  type Command,
  type MembershipView,
  type NodeView,
  type Notice,
  type SettlementView,
} from '../../src/lib/protocol/index.ts';
import { referenceRates } from '../../src/lib/protocol/job/difficulty.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import { id, payment, settlement } from '../app/fixtures.ts';

export interface BusyDesk {
  readonly url: string;
  /** What the desk asked of its node, in order. */
  readonly commands: readonly Command[];
  stop(): Promise<void>;
}

/** Height of the chain while the desk is looked at. */
export const height = 843_200;

const hour = 3_600_000;
const startMs = Date.now() - 30 * 24 * hour;
/** What somebody writes who does not mean well. */
export const hostile = '<img src=x onerror=alert(1)> =1+1 \u202ereversed';

/** Six parts of ten wait for somebody, one of ten for the owner, the others are over or young. */
const stages = [
  'disputed',
  'claimed',
  'unlocked',
  'held',
  'claimed',
  'confirmed',
  'unlocked',
  'promised',
  'claimed',
  'held',
] as const;

function deskCase(n: number, isOver: boolean): SettlementView {
  const stage = isOver ? (n % 3 === 0 ? 'refunded' : 'settled') : stages[n % stages.length]!;
  const due = height + 3 + (n % 130);
  const heights = {
    unlockBy: due,
    startBy: due + 6,
    earliestClaim: due + 6,
    claimBy: due + 20,
    decideBy: due + 60,
  };
  const gigAmountMsat = BigInt(5_000 + ((n * 7_919) % 90_000)) * 1_000n;
  const paid = stage === 'settled' ? 'settled' : isOver ? 'cancelled' : 'accepted';
  const isHeld = stage !== 'promised';
  const isOpened = isHeld && stage !== 'held';
  return settlement({
    promiseId: id(`c0ffee${n.toString(16).padStart(6, '0')}`),
    offerId: id(`0ffe${n.toString(16).padStart(6, '0')}`, 16),
    payloadId: id(`10b0${n.toString(16).padStart(6, '0')}`),
    stage,
    state: isOver
      ? 'Ended'
      : stage === 'promised'
        ? 'Promised'
        : isOpened
          ? 'Unlocked'
          : 'NetworkHeld',
    heights,
    decidedAt: isOpened ? due + 1 : 0,
    claimedAt: stage === 'claimed' || n % 20 === 10 ? height - 4 : null,
    senderEvidence:
      stage === 'disputed' ? (n === 0 ? hostile : `The car came late, case ${n}.`) : null,
    replierEvidence: n % 20 === 10 ? `I was there in time, case ${n}.` : null,
    networkFeeMsat: 10_000n,
    gigAmountMsat,
    payments: [
      payment({
        purpose: 'network',
        direction: 'in',
        amountMsat: 10_000n,
        state: stage === 'promised' ? 'issued' : isOver ? 'settled' : 'accepted',
        backByHeight: isOver || stage === 'promised' ? 0 : due + 90,
      }),
      payment({
        direction: 'in',
        amountMsat: gigAmountMsat,
        state: isOpened ? paid : 'planned',
        backByHeight: isOpened && !isOver ? due + 96 : 0,
      }),
    ],
    sender: { jobs: n % 12, claims: 0, disputes: n % 4, noContacts: 0, rulings: 0 },
    createdAtMs: startMs + n * 40_000,
    reason: isOver ? (n % 3 === 0 ? 'cancelled' : 'confirmed') : '',
  });
}

function applicant(n: number): MembershipView {
  const receivedAtMs = startMs + n * hour;
  const isOpen = n < 30;
  const approved = { atMs: receivedAtMs + hour, did: 'approved', detail: '' } as const;
  return {
    applicationId: id(`a991${n.toString(16).padStart(6, '0')}`, 16),
    publicKey: id((0x90000000 + n * 104_729).toString(16)),
    peer: id('02', 33),
    name: n % 2 === 0 ? 'worker' : 'customer',
    statement: n === 0 ? hostile : `Person ${n}, known from the union.`,
    receivedAtMs,
    state: isOpen ? 'open' : 'active',
    properties: isOpen ? [] : [{ name: 'known_to_settler', value: 'checked' }],
    reason: '',
    batches: isOpen ? 0 : 3,
    audit: [{ atMs: receivedAtMs, did: 'applied', detail: '' }, ...(isOpen ? [] : [approved])],
  };
}

function firstNode(): NodeView {
  return {
    peer: id('02', 33),
    network: 'mainnet',
    party: id('0d'),
    addresses: [
      '/dns4/relay.example/tcp/443/wss/p2p/16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ',
    ],
    relays: [],
    learnsRelays: true,
    policy: { ...defaultPolicy, settleAutomatically: false },
    isSettler: true,
    settlerRoot: id('0e'),
    settlerName: 'Couriers Union',
    carriedTopics: 0,
    favours: { soldMsat: 0n, boughtMsat: 0n },
    openHolds: 0,
    mostHolds: 10,
    shadowBlocks: 0,
    miners: { kernel: null, workers: 0, hashRates: referenceRates },
  };
}

/** The views of such a node, and what a command makes of them. */
function busyNode(open: number, over: number) {
  const cases = new Map<string, SettlementView>();
  for (let n = 0; n < open + over; n++) {
    const one = deskCase(n, n >= open);
    cases.set(one.promiseId, one);
  }
  const members = new Map<string, MembershipView>();
  for (let n = 0; n < 90; n++) members.set(applicant(n).applicationId, applicant(n));
  let node = firstNode();

  function views(): Notice[] {
    return [
      { view: 'node', node },
      {
        view: 'wallet',
        wallet: {
          state: 'ready',
          alias: 'Union',
          network: 'mainnet',
          canHold: true,
          relays: 'yes',
          shadowBlocks: 0,
          balanceMsat: 2_000_000_000n,
          height,
          code: null,
        },
      },
      ...[...members.values()].map((membership): Notice => ({ view: 'membership', membership })),
      ...[...cases.values()].map((one): Notice => ({ view: 'settlement', settlement: one })),
    ];
  }

  function decided(promiseId: string, change: Partial<SettlementView>): Notice {
    const one = { ...cases.get(promiseId)!, state: 'Ended', ...change };
    const isPaid = one.stage === 'settled';
    const payments = one.payments.map((each) => {
      const settled = each.purpose === 'network' ? one.stage !== 'aborted' : isPaid;
      return { ...each, state: settled ? ('settled' as const) : ('cancelled' as const) };
    });
    const now: SettlementView = { ...one, payments, decidedAt: 0 };
    cases.set(promiseId, now);
    return { view: 'settlement', settlement: now };
  }

  function judged(applicationId: string, state: 'active' | 'refused' | 'revoked', detail: string) {
    const one = members.get(applicationId)!;
    const did = state === 'active' ? ('approved' as const) : state;
    const audit = [...one.audit, { atMs: Date.now(), did, detail }];
    const now: MembershipView = { ...one, state, reason: detail, audit };
    members.set(applicationId, now);
    return { view: 'membership', membership: now } as const;
  }

  function answer(command: Command): Notice | null {
    switch (command.command) {
      case 'rulePromise': {
        const stage = command.gig === 'paid' ? 'settled' : 'refunded';
        return decided(command.promiseId, { stage, reason: 'ruled' });
      }
      case 'settlePromise':
        return decided(command.promiseId, { stage: 'settled', reason: 'confirmed' });
      case 'abortPromise':
        return decided(command.promiseId, { stage: 'aborted', reason: 'settler' });
      case 'approveApplication':
        return judged(command.applicationId, 'active', '');
      case 'refuseApplication':
        return judged(command.applicationId, 'refused', command.reason);
      case 'revokeMembership':
        return judged(command.applicationId, 'revoked', command.reason);
      case 'setPolicy':
        node = { ...node, policy: { ...node.policy, ...command.policy } };
        return { view: 'node', node };
      default:
        return null;
    }
  }

  return { views, answer };
}

/** Serves the built app with that node behind it; the address opens its desk. */
export async function startBusyDesk(open = 1_000, over = 200): Promise<BusyDesk> {
  const server = await serveApp({ root: await buildApp(), port: 0 });
  const sockets = new WebSocketServer({ noServer: true });
  const commands: Command[] = [];
  const node = busyNode(open, over);
  const serve = (page: WebSocket) => {
    for (const notice of node.views()) page.send(toStored(notice));
    page.on('message', (data: Buffer) => {
      const command = readStored<Command>(data);
      commands.push(command);
      const notice = node.answer(command);
      if (notice !== null) page.send(toStored(notice));
    });
  };
  server.upgrades('/devnet/desk', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, serve);
  });
  const desk = new URL('/devnet/desk', server.url.replace('http', 'ws')).href;
  return {
    url: `${server.url}#devnet?${new URLSearchParams({ desk }).toString()}`,
    commands,
    async stop() {
      for (const page of sockets.clients) page.terminate();
      sockets.close();
      await server.close();
    },
  };
}
