/** Which towns have somebody who lies so that it can be proven, or says that others did. Drawn apart from everything else. */
import { fraudCheatsOf } from './cheats/index.ts';
import type { Dice } from './dice.ts';
import type { Oddity, PlannedPerson } from './oddity.ts';

/** One town in four; one in forty has a settler that owes a ruling and gives none. */
export function drawFrauds(people: readonly PlannedPerson[], dice: Dice): Oddity[] {
  if (dice.oneIn(40)) {
    return [
      { odd: 'mood', who: 'customer1', mood: 'forgets' },
      { odd: 'mood', who: 'customer1', mood: 'disputes' },
      { odd: 'mood', who: 'settler1', mood: 'never rules' },
    ];
  }
  if (!dice.oneIn(4)) return [];
  const oddities: Oddity[] = [];
  const lies = (who: PlannedPerson) => {
    const cheat = dice.pick(fraudCheatsOf(who.role));
    oddities.push({ odd: 'cheat', who: who.name, cheat });
  };
  const settlers = people.filter(({ role }) => role === 'settler');
  const others = people.filter(({ role }) => role !== 'settler');
  if (dice(3) > 0) lies(dice.pick(settlers));
  if (dice.oneIn(2)) lies(dice.pick(others));
  return oddities;
}
