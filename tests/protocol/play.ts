/** One step of a machine, held to the rules that all machines share. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { Effect, Step } from '../../src/lib/protocol/machine.ts';
import { readStored, toStored } from '../../src/lib/protocol/stored.ts';

export interface Played<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** The state's name and what was done, in order: `Paying: store, payInvoice`. Nothing at all is `-`. */
  readonly did: string;
}

interface Named {
  readonly state: string;
}

/**
 * Plays a step: same arguments, same answer; its arguments stay as they were; what is stored is the new state, and comes
 * before everything; the new state survives the disk.
 */
export function play<State extends Named>(
  before: State,
  step: (before: State) => Step<State>,
): Played<State> {
  const kept = toStored(before);
  const [state, effects] = step(before);
  expectSame(toStored(before), kept);
  expectSame(readStored(toStored(state)), state);
  const stores = effects.filter((effect) => effect.do === 'store');
  for (const { value } of stores) if (value !== null) expectSame(readStored(value), state);
  expect(effects.slice(0, stores.length)).toEqual(stores);
  if (hasMoney(effects)) expect(stores.length > 0 || state === before).toBe(true);
  if (state.state !== before.state && isKept(state.state)) expect(stores).toHaveLength(1);
  return { state, effects, did: describeStep(before, state, effects) };
}

/** As `toStrictEqual`, which takes its time over long byte strings and so is left to say what differs. */
function expectSame(a: unknown, b: unknown): void {
  if (!isDeepStrictEqual(a, b)) expect(a).toStrictEqual(b);
}

function hasMoney(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect.do === 'payInvoice' || effect.do === 'settleInvoice');
}

/** Asks and passages cost no disk write; everything else that changes is an obligation. */
function isKept(state: string): boolean {
  const traffic = [
    'AwaitingConditions',
    'AwaitingInvoice',
    'AwaitingPayment',
    'Mining',
    'Broadcast',
    'Declined',
    'Lapsed',
    'Carrying',
  ];
  return !traffic.includes(state);
}

function describeStep(before: Named, after: Named, effects: readonly Effect[]): string {
  if (after === before && effects.length === 0) return '-';
  return [`${after.state}:`, effects.map(nameOf).join(', ') || 'nothing'].join(' ');
}

/** `send watch`, `fault LOCK_FRAUD`, `payInvoice`. */
export function nameOf(effect: Effect): string {
  switch (effect.do) {
    case 'send':
      return `send ${effect.frame.kind}${statementsIn(effect.frame)}`;
    case 'fault':
      return `fault ${effect.code}`;
    default:
      return effect.do;
  }
}

function statementsIn(frame: Extract<Effect, { do: 'send' }>['frame']): string {
  if (frame.kind !== 'statements') return '';
  const { kind: _kind, promiseId: _about, ...said } = frame;
  const names = Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [name]));
  return ` ${names.join('+')}`;
}

/** Event -> what it does in a state. What is not in it must do nothing in that state. */
export type Row = Readonly<Record<string, string>>;

/**
 * Registers a test for every state and every event: those in the table do what it says, all others do nothing. A state or an
 * event of the table that does not exist fails.
 */
export function testTable<State extends Named>(
  states: Readonly<Record<string, State>>,
  events: readonly string[],
  table: Readonly<Record<string, Row>>,
  step: (before: State, event: string) => Step<State>,
): void {
  test('the table knows every state', () => {
    expect(Object.keys(table)).toEqual(Object.keys(states));
    const unknown = Object.values(table).flatMap((row) =>
      Object.keys(row).filter((event) => !events.includes(event)),
    );
    expect(unknown).toEqual([]);
  });
  for (const [name, before] of Object.entries(states)) {
    test.each(events.map((event) => [event, table[name]?.[event] ?? '-']))(
      `${name} -- %s -- %s`,
      (event, did) => {
        expect(play(before, (state) => step(state, event)).did).toBe(did);
      },
    );
  }
}

/** The first effect of a kind; fails if there is none. */
export function the<Name extends Effect['do']>(
  effects: readonly Effect[],
  name: Name,
): Extract<Effect, { do: Name }> {
  const found = effects.find((effect) => effect.do === name);
  if (found === undefined) throw new Error(`no ${name} among ${effects.map(nameOf).join(', ')}`);
  return found as Extract<Effect, { do: Name }>;
}

/** The first frame of a kind that is sent; fails if there is none. */
export function sent(effects: readonly Effect[], kind: string) {
  const found = effects.find((effect) => effect.do === 'send' && effect.frame.kind === kind);
  if (found?.do !== 'send') throw new Error(`no ${kind} among ${effects.map(nameOf).join(', ')}`);
  return found;
}
