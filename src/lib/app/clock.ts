/** The time for screens that count: reading it in a component or a `$derived` ticks once a second while it is shown. */
import { createSubscriber } from 'svelte/reactivity';

export class Clock {
  readonly #read: () => number;
  readonly #subscribe = createSubscriber((update) => {
    const ticking = setInterval(update, 1000);
    return () => {
      clearInterval(ticking);
    };
  });

  constructor(read: () => number) {
    this.#read = read;
  }

  /** ms since the epoch. */
  get nowMs(): number {
    this.#subscribe();
    return this.#read();
  }
}
