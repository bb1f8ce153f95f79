/** The core as everything else sees it. */
export * from './faults.ts';
export type * from './ids.ts';
export type * from './machine.ts';
export type * from './views.ts';
