/** A part of `en.ts`: what does the sums on this device. */
export const enWork = {
  work: {
    title: 'Sums for neighbours',
    unknown: 'Not tried yet.',
    kernels: { simd: 'Fast (WebAssembly, four at once)', js: 'Plain JavaScript' },
    speed: (perSecond: string, workers: number) =>
      workers === 1
        ? `${perSecond} a second, one worker`
        : `${perSecond} a second, ${workers} workers`,
  },
};
