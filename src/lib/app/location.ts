/** The device's own place. It stays on the device; callers round it to a cell. */
import type { Point } from './geohash.ts';

/** null if the device does not know, may not tell, or takes longer than 10 s. */
export function whereAmI(): Promise<Point | null> {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) {
      resolve(null);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
