/** A ride of four people and a settler in a line: what every story starts from. */
import type { Notice, PartyKey } from '../../src/lib/protocol/index.ts';
import {
  createWorld,
  type Person,
  type Watcher,
  type World,
  type WorldOptions,
} from '../../src/simulator/world.ts';

export const startMs = Date.UTC(2026, 10, 21, 9, 0, 0);

type View<V extends Notice['view']> = Extract<Notice, { view: V }>;

/** The only view of a kind that a person has been shown. */
export function see<V extends Notice['view']>(person: Person, view: V): View<V> | undefined {
  return [...person.views.values()].findLast((notice): notice is View<V> => notice.view === view);
}

export interface Ride {
  readonly world: World;
  readonly customer: Person;
  readonly worker: Person;
  readonly settler: Person;
  readonly middlemen: readonly Person[];
  readonly people: readonly Person[];
  readonly root: PartyKey;
}

export const topic = {
  kind: 'taxi',
  pickupGeohash: 'u2yhvdp',
  dropoffGeohash: 'u2yj2b3',
  pickupAfterMs: startMs,
  dropoffBeforeMs: startMs + 2 * 3_600_000,
  pickupBeforeMs: null,
} as const;

/** Customer - M1 - M2 - worker in a line, and a settler everybody knows; certificates are issued. */
export function prepareRide(
  seed: string,
  watch: Watcher = {},
  options: Pick<WorldOptions, 'hashesPerSecond'> = {},
): Ride {
  const world = createWorld({ seed, startMs, watch, ...options });
  const settler = world.person('settler', {
    policy: {
      approveAutomatically: true,
      approveWith: [
        { name: 'known_to_settler', value: 'checked' },
        { name: 'driving_licence', value: 'checked' },
        { name: 'no_criminal_record', value: 'checked' },
      ],
    },
  });
  const customer = world.person('customer');
  const m1 = world.person('m1');
  const m2 = world.person('m2');
  const worker = world.person('worker');
  const people = [customer, m1, m2, worker, settler];
  const { clock } = world;
  const within = (what: string, holds: () => boolean) => clock.runUntilTrue(holds, 60_000, what);

  within('nodes start', () => people.every((person) => see(person, 'node')));
  neighbours([
    [customer, m1],
    [m1, m2],
    [m2, worker],
  ]);
  for (const person of people) {
    person.command({ command: 'connectWallet', uri: world.ledger.uri(person.name) });
  }
  settler.command({ command: 'becomeSettler', name: 'Couriers Union' });
  within('the settler is one', () => see(settler, 'node')?.node.isSettler === true);
  const root = see(settler, 'node')!.node.settlerRoot!;
  for (const person of [customer, m1, m2, worker]) {
    const addresses = [settler.address];
    person.command({ command: 'addSettler', root, peer: settler.peer, addresses });
  }
  within('the settler is known', () =>
    [customer, m1, m2, worker].every((person) => see(person, 'settler')?.settler.known),
  );
  within('wallets are ready', () =>
    people.every((person) => see(person, 'wallet')?.wallet.state === 'ready'),
  );
  certify(customer, root, 'customer');
  certify(worker, root, 'worker');
  within('certificates are issued', () =>
    [customer, worker].every(
      (person) => (see(person, 'settler')!.settler.memberships[0]?.left ?? 0) > 0,
    ),
  );
  for (const person of people) {
    person.command({ command: 'useRelays', relays: ['/dns4/relay.example/tcp/443/wss'] });
  }
  within('neighbours meet', () =>
    [customer, m1, m2, worker].every((person) => isConnectedToNeighbours(person)),
  );
  return { world, customer, worker, settler, middlemen: [m1, m2], people, root };

  function isConnectedToNeighbours(person: Person): boolean {
    const wanted = see(person, 'node')!.node.policy.allowPeers ?? [];
    return wanted.every((peer) => {
      const view = person.views.get(`peer/${peer}`);
      return view?.view === 'peer' && view.peer.connected;
    });
  }

  function neighbours(pairs: readonly (readonly [Person, Person])[]): void {
    for (const person of [customer, m1, m2, worker]) {
      const near = pairs.filter((pair) => pair.includes(person)).flat();
      const allowPeers = near.filter((other) => other !== person).map(({ peer }) => peer);
      person.command({ command: 'setPolicy', policy: { allowPeers } });
    }
    settler.command({ command: 'setPolicy', policy: { allowPeers: [] } });
  }
}

function certify(person: Person, root: PartyKey, name: 'customer' | 'worker'): void {
  person.command({ command: 'applyForCertificate', root, name, statement: 'It is me.' });
}

/** Runs the world until something shows on somebody's screen. */
export function wait(ride: Ride, what: string, holds: () => boolean, withinMs = 60_000): void {
  ride.world.clock.runUntilTrue(holds, withinMs, what);
}
