/** What a row is played in, as it is written: `cone/symmetric`, `cone/cone+handover`, `cone/cone+slow+lossy`. */
import { FAULTS, KINDS, type Fault, type Kind } from './segments.ts';

export interface Scene {
  /** The customer's router. */
  readonly a: Kind;
  /** The worker's. */
  readonly b: Kind;
  /** A handover is the worker's, the others are of both cables. */
  readonly faults: readonly Fault[];
}

/** `null` if it is none. Faults are made in routers, so an open phone has none. */
export function parseScene(text: string): Scene | null {
  const [routers = '', ...faults] = text.split('+');
  const kinds = routers.split('/');
  const [a, b] = kinds;
  if (kinds.length !== 2 || !isOneOf(KINDS, a) || !isOneOf(KINDS, b)) return null;
  if (!faults.every((fault) => isOneOf(FAULTS, fault))) return null;
  if (faults.length > 0 && b === 'open') return null;
  if (faults.some((fault) => fault !== 'handover') && a === 'open') return null;
  return { a, b, faults };
}

export function nameOf({ a, b, faults }: Scene): string {
  return [`${a}/${b}`, ...faults].join('+');
}

function isOneOf<One extends string>(all: readonly One[], text: string | undefined): text is One {
  return all.some((one) => one === text);
}
