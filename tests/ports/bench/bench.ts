/**
 * Ports on a bench: opened, fed and read by calls that can be packed as text, so that the same test
 * drives a port in this process, in another, in a page or in a page's worker.
 */
import { bytesOf, hexOf } from '../../../src/lib/protocol/bytes.ts';
import type { Port } from '../../../src/lib/runtime/ports.ts';

export type BenchCall = { readonly seat: string } & (
  | { readonly do: 'open'; readonly kind: string; readonly options: unknown }
  /** Answers how many events there were when `perform` came back: nothing is told within it. */
  | { readonly do: 'perform'; readonly effect: unknown }
  /** Answers with every event so far, the oldest first. */
  | { readonly do: 'events' }
  | { readonly do: 'close' }
);

/** A port of any kind with an end. */
export type Closable = Port<never, unknown> & { close?(): void };
/** How to open each kind of port, here. */
export type Openers = Readonly<Record<string, (options: never) => Closable>>;

interface Seat {
  readonly port: Closable;
  readonly events: unknown[];
}

export function createBench(openers: Openers): (call: BenchCall) => unknown {
  const seats = new Map<string, Seat>();
  return (call) => {
    if (call.do === 'open') {
      const port = openers[call.kind]!(call.options as never);
      const events: unknown[] = [];
      port.listen((event) => events.push(event));
      seats.set(call.seat, { port, events });
      return null;
    }
    const { port, events } = seats.get(call.seat)!;
    if (call.do === 'events') return events;
    if (call.do === 'close') {
      port.close?.();
      return null;
    }
    port.perform(call.effect as never);
    return events.length;
  };
}

/** As text: JSON in which bytes are `{ $bytes: hex }` and nothing else has that key. */
export function packed(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one instanceof Uint8Array ? { $bytes: hexOf(one) } : one,
  );
}

export function unpacked<T>(text: string): T {
  return JSON.parse(text, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && '$bytes' in one ? bytesOf(String(one.$bytes)) : one,
  ) as T;
}

/** Takes a call, wherever the port is. */
export type Caller = (call: BenchCall) => Promise<unknown>;

/** One open port, from the test's side. */
export class RemotePort<Effect, Event> {
  private readonly call: Caller;
  private readonly seat: string;

  private constructor(call: Caller, seat: string) {
    this.call = call;
    this.seat = seat;
  }

  static async open<Effect, Event>(
    call: Caller,
    kind: string,
    options: unknown,
  ): Promise<RemotePort<Effect, Event>> {
    const seat = crypto.randomUUID();
    await call({ seat, do: 'open', kind, options });
    return new RemotePort(call, seat);
  }

  /** Returns how many events there were when the port came back from it. */
  async perform(effect: Effect): Promise<number> {
    return (await this.call({ seat: this.seat, do: 'perform', effect })) as number;
  }

  async events(): Promise<readonly Event[]> {
    return (await this.call({ seat: this.seat, do: 'events' })) as Event[];
  }

  async close(): Promise<void> {
    await this.call({ seat: this.seat, do: 'close' });
  }

  /** Waits, as long as the test may take, until the events satisfy; returns them. */
  async until(done: (events: readonly Event[]) => boolean): Promise<readonly Event[]> {
    for (;;) {
      const events = await this.events();
      if (done(events)) return events;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
