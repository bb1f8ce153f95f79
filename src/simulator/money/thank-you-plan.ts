/** Which towns have jobs without a settler, and what is out of the ordinary about them. Drawn apart from everything else. */
import { thankYouCheatsOf } from './cheats/index.ts';
import type { Dice } from './dice.ts';
import { thanksHabits, type Oddity, type PlannedPerson } from './oddity.ts';

/** One town in four. */
export function drawThanks(people: readonly PlannedPerson[], dice: Dice): Oddity[] {
  if (!dice.oneIn(4)) return [];
  const oddities: Oddity[] = [];
  for (const { name, role } of people) {
    if (role !== 'customer' && role !== 'worker') continue;
    if (!name.endsWith('1') && dice.oneIn(2)) continue;
    oddities.push({ odd: 'thanks', who: name, habit: 'without settler' });
    if (dice.oneIn(3)) {
      oddities.push({ odd: 'thanks', who: name, habit: dice.pick(thanksHabits[role].slice(1)) });
    }
  }
  for (let i = dice(3); i > 0; i--) {
    const { name, role } = dice.pick(people.filter((person) => person.role !== 'settler'));
    oddities.push({ odd: 'cheat', who: name, cheat: dice.pick(thankYouCheatsOf(role)) });
  }
  return oddities;
}
