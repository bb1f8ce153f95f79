/** A job in words, whatever its kind: what it is, its details, and its places for a map. */
import { dayOf, distance, moment, number, span } from './format.ts';
import { metresApart } from './geohash.ts';
import { t } from './i18n/index.ts';
import type { TopicKind, TopicView, TopicViewOf } from './types.ts';

export type PartedTopic = TopicViewOf<'freelance' | 'microTask' | 'stay'>;

export interface TopicPlace {
  readonly geohash: string;
  readonly kind: 'from' | 'to';
  readonly label: string;
}

/** In the order they are offered. */
export const kindsOfJob = Object.keys(t.topic.kind) as TopicKind[];

const dayMs = 24 * 3_600_000;

/** The cells a topic names, where it begins first; none if it can be done from anywhere. */
export function topicPlaces(topic: TopicView): readonly TopicPlace[] {
  switch (topic.kind) {
    case 'taxi':
    case 'delivery':
      return [
        { geohash: topic.pickupGeohash, kind: 'from', label: t.hire.from },
        { geohash: topic.dropoffGeohash, kind: 'to', label: t.hire.to },
      ];
    default:
      return topic.area === '' ? [] : [{ geohash: topic.area, kind: 'from', label: '' }];
  }
}

/** What the job is, in two to four words. A ride and a delivery are told by their cells, which the screens show. */
export function topicTitle(topic: TopicView): string {
  switch (topic.kind) {
    case 'taxi':
      return t.topic.kind.taxi;
    case 'delivery':
      return t.topic.parcel(topic.size, t.topic.weight(topic.weight));
    case 'freelance':
      return t.topic.work[topic.category];
    case 'stay':
      return `${t.topic.lodging[topic.lodging]}, ${t.topic.guests(topic.guests)}`;
    case 'microTask':
      return t.topic.task[topic.category];
  }
}

/** What else a worker wants to know before deciding. */
export function topicDetails(topic: TopicView, nowMs: number): readonly string[] {
  switch (topic.kind) {
    case 'taxi': {
      const { pickupBeforeMs: by } = topic;
      return [...wayDetails(topic, nowMs), ...(by ? [t.topic.pickupBy(moment(by, nowMs))] : [])];
    }
    case 'delivery':
      return [...wayDetails(topic, nowMs), ...parcelDetails(topic)];
    case 'freelance':
      return [
        t.topic.hours[topic.hours],
        ...topic.skills.map((skill) => t.topic.skill[skill]),
        t.topic.in(languageName(topic.language)),
        t.topic.dueBy(moment(topic.deadlineMs, nowMs)),
        ...partDetails(topic),
        ...whereDetails(topic),
      ];
    case 'stay':
      return [
        t.topic.dates(calendarDay(topic.checkInDay), calendarDay(topic.checkOutDay)),
        t.topic.nights(topic.checkOutDay - topic.checkInDay),
        t.topic.beds(topic.beds),
        ...partDetails(topic),
        t.topic.near(topic.area),
      ];
    case 'microTask':
      return [
        t.topic.units(number(topic.unitCount), number(topic.unitMinutes)),
        t.topic.dueBy(moment(topic.deadlineMs, nowMs)),
        ...partDetails(topic),
        ...whereDetails(topic),
      ];
  }
}

type Language = TopicViewOf<'freelance'>['language'];

/** Every language a freelance job may name, by its code. */
export function languageNames(): Record<Language, string> {
  const codes = Object.keys(t.topic.languages) as Language[];
  const named = codes.map((code) => [code, languageName(code)] as const);
  return Object.fromEntries(named) as Record<Language, string>;
}

/** "Polish" for `pl`, in the language of the screens. */
export function languageName(code: string): string {
  return new Intl.DisplayNames([t.locale], { type: 'language' }).of(code) ?? code;
}

function wayDetails(way: TopicViewOf<'taxi'> | TopicViewOf<'delivery'>, nowMs: number): string[] {
  const far = metresApart(way.pickupGeohash, way.dropoffGeohash);
  const when = span(way.pickupAfterMs, way.dropoffBeforeMs, nowMs);
  return far === null ? [when] : [when, t.hire.apart(distance(far))];
}

function parcelDetails({ cashFree, fragile, cold }: TopicViewOf<'delivery'>): string[] {
  return [
    ...(cashFree ? [t.topic.cashFree] : []),
    ...(fragile ? [t.topic.fragile] : []),
    ...(cold ? [t.topic.cold] : []),
  ];
}

/** A job that may be paid in parts; null for other kinds. */
export function partsOf(topic: TopicView): PartedTopic | null {
  return 'parts' in topic ? topic : null;
}

function partDetails({ part, parts }: PartedTopic): string[] {
  if (parts === 1) return [];
  return [part === 1 ? t.topic.inParts(parts) : t.topic.partOf(part, parts)];
}

function whereDetails({ remote, area }: { readonly remote: boolean; readonly area: string }) {
  return [...(remote ? [t.topic.remote] : []), ...(area === '' ? [] : [t.topic.near(area)])];
}

/** Days since the epoch name a calendar day, whatever the time zone: noon of it in UTC is shown as UTC has it. */
function calendarDay(day: number): string {
  const noon = day * dayMs + dayMs / 2;
  return dayOf(noon + new Date(noon).getTimezoneOffset() * 60_000);
}
