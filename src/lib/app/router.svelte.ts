/** Follows the location hash. Unknown hashes are rewritten to home, so the address always says what is shown. */
import { hashOf, routeOf } from './route.ts';
import type { Route } from './route.ts';

export class Router {
  route: Route = $state.raw({ screen: 'home' });
  /** Counts navigations, so that the first screen does not steal the focus. */
  visits = $state(0);

  readonly #window: Window;

  /** `before` may take a hash out of the address that is no screen, such as a practice network's link. */
  constructor(page: Window, before: () => void = () => undefined) {
    this.#window = page;
    before();
    this.#follow();
    page.addEventListener('hashchange', () => {
      before();
      this.visits += 1;
      this.#follow();
    });
  }

  go(route: Route): void {
    this.#window.location.hash = hashOf(route);
  }

  /** Replaces the present entry, so that going back does not land where one cannot be any more. */
  replace(route: Route): void {
    this.#window.history.replaceState(null, '', hashOf(route));
    this.visits += 1;
    this.#follow();
  }

  #follow(): void {
    const hash = this.#window.location.hash;
    this.route = routeOf(hash);
    const proper = hashOf(this.route);
    if (hash !== proper) this.#window.history.replaceState(null, '', proper);
  }
}
