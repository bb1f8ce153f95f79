/**
 * Relays die and freeze in the middle of rides: who is connected directly goes on without, who is not goes on over another one,
 * and where none is left the ride waits. Every ride is settled to the sat.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { meet } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { linkThrough, startRelayProcess, type RelayProcess } from './relay-process.ts';
import { neverPunch } from './in-page.ts';
import { id } from './steps.ts';
import { expect, test, type Phones } from './test.ts';
import { rideBetween, stages, type Meanwhile } from './whole-ride.ts';

const roles = ['customer', 'middleman', 'worker'] as const;
type Cast = Record<(typeof roles)[number], Phone>;

interface Scene {
  readonly network: PracticeNetwork;
  readonly cast: Cast;
  readonly relays: readonly RelayProcess[];
}

interface Wish {
  readonly relays: number;
  /** Whether the phones find direct ways to each other. */
  readonly direct: boolean;
}

/** Customer, middleman and worker in a line, introduced by relays of the test's own; the settler needs none. */
async function play(
  join: Phones['join'],
  { relays: count, direct }: Wish,
  story: (scene: Scene) => Promise<void>,
): Promise<void> {
  const network = await startPracticeNetwork();
  const relays: RelayProcess[] = [];
  try {
    while (relays.length < count) relays.push(await startRelayProcess());
    const link = await linkThrough(network, relays);
    const cast = {} as Cast;
    for (const role of roles) {
      cast[role] = await join(role, link, direct ? [] : [neverPunch]);
      await cast[role].connectWallet();
    }
    const { customer, middleman, worker } = cast;
    await customer.vouch('customer');
    await worker.vouch('worker');
    const line = [
      [customer, middleman],
      [middleman, worker],
    ] as const;
    await meet(line, [], direct);
    await story({ network, cast, relays });
    for (const role of roles) {
      const isDirect = (await cast[role].directConnections()) > 0;
      expect(isDirect, role).toBe(direct);
    }
  } finally {
    await network.stop();
    for (const relay of relays) await relay.remove();
  }
}

async function ride({ network, cast: { customer, worker } }: Scene, meanwhile: Meanwhile) {
  await rideBetween(network, customer, worker, (stage) => test.step(stage, () => meanwhile(stage)));
}

/** Waits until every phone is on every relay that runs. */
async function onAllRelays({ cast, relays }: Scene): Promise<void> {
  for (const role of roles) {
    const { hash } = cast[role];
    await cast[role].go('#/node');
    for (const { address, isRunning } of relays) {
      const row = cast[role].at('relay').filter({ hasText: address });
      const connected = cast[role].page.locator(`${id('relay')}[data-connected="true"]`);
      if (isRunning) await expect(row.and(connected)).toBeVisible({ timeout: 60_000 });
    }
    await cast[role].go(hash);
  }
}

/** At every stage another relay ends, once everybody is back on the one that ended before. */
function takingTurns(scene: Scene, end: (relay: RelayProcess) => void | Promise<void>): Meanwhile {
  const { relays } = scene;
  return async (stage) => {
    const next = stages.indexOf(stage) % relays.length;
    for (const relay of relays) await relay.start();
    await onAllRelays(scene);
    await end(relays[next]!);
  };
}

test('the relay dies in the middle of a ride, and phones that are connected directly go on [NET-10]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  await play(join, { relays: 1, direct: true }, async (scene) => {
    const relay = scene.relays[0]!;
    await ride(scene, async (stage) => {
      if (stage === 'posted' || stage === 'talked') await relay.kill();
      // Customer and worker meet now, and somebody must introduce them.
      if (stage === 'matched') await relay.start();
    });
    expect(relay.isRunning).toBe(false);
  });
});

test('without direct ways, another relay takes over from each that dies [NET-10, NET-12]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  await play(join, { relays: 2, direct: false }, (scene) =>
    ride(
      scene,
      takingTurns(scene, (relay) => relay.kill()),
    ),
  );
});

test('@full without direct ways, another relay takes over from each that freezes', async ({
  join,
}) => {
  test.setTimeout(900_000);
  await play(join, { relays: 2, direct: false }, (scene) =>
    ride(scene, async (stage) => {
      for (const relay of scene.relays) await relay.kill();
      await takingTurns(scene, (relay) => relay.freeze())(stage);
    }),
  );
});

test('@full without direct ways and without any relay, the ride waits at each stage', async ({
  join,
}) => {
  test.setTimeout(900_000);
  await play(join, { relays: 1, direct: false }, (scene) =>
    ride(scene, async () => {
      await scene.relays[0]!.kill();
      await pause(12_000);
      await scene.relays[0]!.start();
    }),
  );
});

test('@full relay and a page die at once, at every stage, and come back', async ({ join }) => {
  test.setTimeout(1_800_000);
  await play(join, { relays: 1, direct: true }, async (scene) => {
    const { cast, relays } = scene;
    for (const first of roles.keys()) {
      await ride(scene, async (stage) => {
        const victim = cast[roles[(first + stages.indexOf(stage)) % roles.length]!];
        await relays[0]!.kill();
        await victim.kill();
        await relays[0]!.start();
        await victim.reopen();
      });
    }
  });
});
