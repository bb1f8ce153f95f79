/**
 * A link whose notices come in handfuls. A busy node tells a thousand things as it starts; screens that were drawn anew for each of
 * them would stand still for seconds. The first of a handful comes at once, the others together, in their order.
 */
import type { AppLink } from './app-link.ts';
import type { Notice } from './types.ts';

/** `later`: calls back once, after about a frame. */
export function gathered(link: AppLink, later: (then: () => void) => void): AppLink {
  return {
    send: (command) => {
      link.send(command);
    },
    listen(listener) {
      let waiting: Notice[] | null = null;
      const tell = () => {
        const handful = waiting ?? [];
        waiting = null;
        for (const notice of handful) listener(notice);
      };
      link.listen((notice) => {
        if (waiting !== null) return void waiting.push(notice);
        waiting = [];
        later(tell);
        listener(notice);
      });
    },
  };
}
