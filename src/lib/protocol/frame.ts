export type Frame = never;
