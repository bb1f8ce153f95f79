/** How the tests of the whitepaper quote it, and what they look at: one ride that came to its end. */
import { test } from 'vitest';
import { decodeFrame, type Frame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { nameOf } from './play.ts';
import { driveTo, type Lived, type Seat } from './town.ts';

/** A sentence of the section this stands in; the rules it is about stand in brackets at its end. */
export const says = (sentence: string, check: () => void) => test(titleOf(sentence), check);

/** What it says, and what we do. */
export const differs = (sentence: string, ours: string, check: () => void) =>
  test(titleOf(sentence, ` -- ${ours}`), check);

function titleOf(sentence: string, ours = ''): string {
  const [, words, rules] = /^(.*?)( \[[A-Z0-9, -]+\])?$/s.exec(sentence)!;
  return `“${words}”${ours}${rules ?? ''}`;
}

export const ended = driveTo('confirmed');

function frameOf({ event }: Lived): Frame | null {
  const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
  return frame && 'kind' in frame ? frame : null;
}

/** Frames of a kind that a node got, in order. */
export function received<K extends Frame['kind']>({ life }: Seat, kind: K): FrameOf<K>[] {
  return life.flatMap((lived) => {
    const frame = frameOf(lived);
    return frame?.kind === kind ? [frame as FrameOf<K>] : [];
  });
}

/** The step in which a node got its first frame of a kind, and the node as it was before it. */
export function before(
  seat: Seat,
  kind: Frame['kind'],
): { readonly node: Node; readonly lived: Lived } {
  const node = createNode(seat.options);
  for (const lived of seat.life) {
    if (frameOf(lived)?.kind === kind) return { node, lived };
    stepNode(node, lived.event, lived.nowMs, lived.seed);
  }
  throw new Error(`${seat.name} never got a ${kind}`);
}

/** When, in steps of the whole ride, a node asked for something. */
export const asks = ({ life }: Seat, name: string) =>
  life.flatMap(({ order, effects }) =>
    effects.some((effect) => nameOf(effect) === name) ? [order] : [],
  );

/** When a node was told something. */
export const told = ({ life }: Seat, name: string) =>
  life.flatMap(({ order, event }) => (event.on === name ? [order] : []));
