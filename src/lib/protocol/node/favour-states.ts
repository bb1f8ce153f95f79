/** What this node was paid, and paid, in place of work, since it began: for its owner's eyes, and kept on disk. */
export interface FavourSums {
  readonly soldMsat: bigint;
  /** Lightning fees included. */
  readonly boughtMsat: bigint;
}
