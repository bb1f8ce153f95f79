/** The node's vocabulary for screens and components, which import nothing below the app. */
export type * from '../protocol/index.ts';
