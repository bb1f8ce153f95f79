/** What the page knows of its device and the work pool's staffing asks about: cores, whether it is looked at, the battery. */
import { isSparing, type Surroundings } from '../adapters/work/staffing.ts';

/** Not every browser tells; none tells whether its owner chose to save power, so a low battery stands for it. */
interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

/** What is so now; later changes are told. */
export function watchSurroundings(tell: (changed: Surroundings) => void): Surroundings {
  let now: Surroundings = {
    cores: navigator.hardwareConcurrency || 2,
    hidden: document.hidden,
    sparing: false,
  };
  const change = (changed: Partial<Surroundings>) => {
    now = { ...now, ...changed };
    tell(now);
  };
  document.addEventListener('visibilitychange', () => {
    change({ hidden: document.hidden });
  });
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
  void getBattery?.call(navigator).then(
    (battery) => {
      const look = () => {
        const sparing = isSparing(battery);
        if (sparing !== now.sparing) change({ sparing });
      };
      battery.addEventListener('chargingchange', look);
      battery.addEventListener('levelchange', look);
      look();
    },
    () => undefined,
  );
  return now;
}
