/** A few cities for orientation on a map without names, and to begin where the device's time zone says. */
import type { Point } from '../geohash.ts';

export interface City extends Point {
  readonly name: string;
}

const list =
  'Amsterdam 52.37 4.90;Athens 37.98 23.73;Barcelona 41.39 2.17;Belgrade 44.81 20.46;Berlin 52.52 13.40;Bern 46.95 7.45;' +
  'Bratislava 48.15 17.11;Brussels 50.85 4.35;Bucharest 44.43 26.10;Budapest 47.50 19.04;Copenhagen 55.68 12.57;' +
  'Dublin 53.35 -6.26;Gdańsk 54.35 18.65;Hamburg 53.55 9.99;Helsinki 60.17 24.94;Istanbul 41.01 28.98;Kraków 50.06 19.94;' +
  'Kyiv 50.45 30.52;Lisbon 38.72 -9.14;Ljubljana 46.05 14.51;London 51.51 -0.13;Luxembourg 49.61 6.13;Lyon 45.76 4.84;' +
  'Madrid 40.42 -3.70;Milan 45.46 9.19;Minsk 53.90 27.57;Moscow 55.76 37.62;Munich 48.14 11.58;Naples 40.85 14.27;' +
  'Oslo 59.91 10.75;Paris 48.86 2.35;Porto 41.15 -8.61;Prague 50.08 14.44;Reykjavik 64.15 -21.94;Riga 56.95 24.11;' +
  'Rome 41.90 12.50;Seville 37.39 -5.99;Sofia 42.70 23.32;Stockholm 59.33 18.07;Tallinn 59.44 24.75;Vienna 48.21 16.37;' +
  'Vilnius 54.69 25.28;Warsaw 52.23 21.01;Wrocław 51.11 17.03;Zagreb 45.81 15.98;Zurich 47.37 8.54;Accra 5.60 -0.19;' +
  'Addis Ababa 9.03 38.74;Algiers 36.75 3.06;Cairo 30.04 31.24;Cape Town -33.92 18.42;Casablanca 33.57 -7.59;' +
  'Dakar 14.69 -17.44;Dar es Salaam -6.79 39.21;Johannesburg -26.20 28.05;Kampala 0.35 32.58;Kinshasa -4.44 15.27;' +
  'Lagos 6.52 3.38;Luanda -8.84 13.23;Nairobi -1.29 36.82;Tunis 36.81 10.18;Almaty 43.24 76.89;Baghdad 33.31 44.37;' +
  'Bangkok 13.76 100.50;Beijing 39.90 116.41;Beirut 33.89 35.50;Colombo 6.93 79.86;Delhi 28.61 77.21;Dhaka 23.81 90.41;' +
  'Dubai 25.20 55.27;Hanoi 21.03 105.85;Ho Chi Minh 10.82 106.63;Hong Kong 22.32 114.17;Jakarta -6.21 106.85;' +
  'Jerusalem 31.77 35.21;Karachi 24.86 67.00;Kathmandu 27.72 85.32;Kolkata 22.57 88.36;Kuala Lumpur 3.14 101.69;' +
  'Manila 14.60 120.98;Mumbai 19.08 72.88;Riyadh 24.71 46.68;Seoul 37.57 126.98;Shanghai 31.23 121.47;' +
  'Singapore 1.35 103.82;Taipei 25.03 121.57;Tashkent 41.30 69.24;Tbilisi 41.72 44.83;Tehran 35.69 51.39;' +
  'Tokyo 35.68 139.69;Ulaanbaatar 47.89 106.91;Yangon 16.87 96.20;Adelaide -34.93 138.60;Auckland -36.85 174.76;' +
  'Brisbane -27.47 153.03;Honolulu 21.31 -157.86;Melbourne -37.81 144.96;Perth -31.95 115.86;Sydney -33.87 151.21;' +
  'Anchorage 61.22 -149.90;Atlanta 33.75 -84.39;Bogota 4.71 -74.07;Brasília -15.79 -47.88;Buenos Aires -34.60 -58.38;' +
  'Caracas 10.48 -66.90;Chicago 41.88 -87.63;Dallas 32.78 -96.80;Denver 39.74 -104.99;Guatemala 14.63 -90.51;' +
  'Havana 23.11 -82.37;La Paz -16.49 -68.12;Lima -12.05 -77.04;Los Angeles 34.05 -118.24;Mexico City 19.43 -99.13;' +
  'Miami 25.76 -80.19;Montevideo -34.90 -56.16;Montreal 45.50 -73.57;New York 40.71 -74.01;Panama 8.98 -79.52;' +
  'Phoenix 33.45 -112.07;Quito -0.18 -78.47;Rio de Janeiro -22.91 -43.17;San Salvador 13.69 -89.22;' +
  'Santiago -33.45 -70.67;São Paulo -23.55 -46.63;Seattle 47.61 -122.33;Toronto 43.65 -79.38;Vancouver 49.28 -123.12';

export const cities: readonly City[] = list.split(';').map((entry) => {
  const words = entry.split(' ');
  const [lat, lon] = words.slice(-2).map(Number);
  return { name: words.slice(0, -2).join(' '), lat: lat ?? 0, lon: lon ?? 0 };
});

/** The city that names a time zone such as "Europe/Warsaw", or null. */
export function cityOfTimeZone(timeZone: string): City | null {
  const place = plain(timeZone.split('/').at(-1)?.replaceAll('_', ' ') ?? '');
  return cities.find((city) => plain(city.name) === place) ?? null;
}

function plain(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
