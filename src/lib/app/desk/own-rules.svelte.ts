/** The settler's own rules for suggestions, remembered on this device. */
import { rulesFrom, type DeskRules } from './suggestion.ts';

const key = 'gig-gossip:desk-rules';

class OwnRules {
  now: DeskRules = $state.raw(rulesFrom(localStorage.getItem(key)));

  set(change: Partial<DeskRules>): void {
    this.now = rulesFrom(JSON.stringify({ ...this.now, ...change }));
    localStorage.setItem(key, JSON.stringify(this.now));
  }
}

export const deskRules = new OwnRules();
