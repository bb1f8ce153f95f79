/** A bug planted on purpose: an edit of the core's source while it is loaded. */
export interface Edit {
  /** Path from the root. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly put: string;
}

export interface Mutant {
  readonly name: string;
  /** The invariant it breaks, by its number in docs/simulator.md. */
  readonly invariant: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** A seed that catches it, the first from 1 on when it was looked for. */
  readonly seed: number;
  readonly edits: readonly Edit[];
}
