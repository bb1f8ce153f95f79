/** Bugs that the money simulator must catch: each breaks one rule in one place of the core. */

/** A text that one file holds exactly once, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Mutant {
  readonly name: string;
  /** Which rule it breaks. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

export const mutants: readonly Mutant[] = [];
