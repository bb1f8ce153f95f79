/**
 * Messages of the whitepaper's "Topic": one a kind of job. Numbers, cells and words of closed lists only, so that nothing a
 * customer might type can tell who it is. A list grows at its end; a node that does not know a word refuses the topic.
 */
import { limits } from '../limits.ts';
import {
  flag,
  hexOrNone,
  list,
  message,
  text,
  time,
  timeOrNone,
  uint,
  union,
  word,
  type CoreOf,
} from './codec.ts';
import type { PayloadId } from '../ids.ts';
import * as pb from './gig-gossip_pb.js';

/** In the order of their numbers in `Topic`, from 1. */
export const topicKinds = ['taxi', 'delivery', 'freelance', 'stay', 'microTask'] as const;
export type TopicKind = (typeof topicKinds)[number];

export const parcelSizes = ['S', 'M', 'L', 'XL'] as const;
/** At most so many kilograms. */
export const parcelWeights = ['1', '5', '15', '30', '100'] as const;
/** At most so many hours. */
export const hourClasses = ['2', '8', '20', '40', 'more'] as const;
export const lodgings = ['any', 'sharedRoom', 'room', 'flat', 'house', 'pitch'] as const;
export const freelanceCategories = [
  ...['software', 'design', 'writing', 'translation', 'audioVideo', 'data', 'marketing'],
  ...['accounting', 'law', 'engineering', 'teaching', 'care', 'repair', 'cleaning', 'garden'],
  ...['moving', 'event', 'office'],
] as const;
export const skills = [
  ...['web', 'mobile', 'backend', 'security', 'machineLearning', 'statistics', 'spreadsheets'],
  ...['illustration', 'layout', 'logo', 'photo', 'video', 'animation', 'sound', 'voice'],
  ...['copywriting', 'proofreading', 'transcription', 'subtitles', 'research', 'bookkeeping'],
  ...['tax', 'contracts', 'drawing', 'tutoring', 'electrics', 'plumbing', 'carpentry', 'painting'],
  ...['cooking', 'childcare', 'eldercare', 'drivingLicence', 'lifting'],
] as const;
export const microTaskCategories = [
  ...['labelling', 'transcription', 'dataEntry', 'survey', 'moderation', 'comparison', 'search'],
  ...['testing', 'recording', 'photo', 'leaflets', 'shelfCheck'],
] as const;
/** ISO 639-1. */
export const languages = [
  ...['en', 'zh', 'hi', 'es', 'fr', 'ar', 'bn', 'pt', 'ru', 'ur', 'id', 'de', 'ja', 'sw', 'tr'],
  ...['vi', 'ko', 'it', 'pl', 'uk', 'nl', 'ro', 'el', 'cs', 'sv', 'th', 'fa', 'he', 'tl', 'am'],
] as const;

const geohash = text(12);

/** Of a job that is paid in parts. */
const milestone = { parts: uint, part: uint, firstPart: hexOrNone<PayloadId>(32) };

export const TaxiTopic = message(pb.TaxiTopicSchema, {
  pickupGeohash: geohash,
  dropoffGeohash: geohash,
  pickupAfterMs: time,
  dropoffBeforeMs: time,
  pickupBeforeMs: timeOrNone,
});
export const DeliveryTopic = message(pb.DeliveryTopicSchema, {
  pickupGeohash: geohash,
  dropoffGeohash: geohash,
  pickupAfterMs: time,
  dropoffBeforeMs: time,
  size: word(parcelSizes),
  weight: word(parcelWeights),
  cashFree: flag,
  fragile: flag,
  cold: flag,
});
export const FreelanceTopic = message(pb.FreelanceTopicSchema, {
  category: word(freelanceCategories),
  skills: list(word(skills), limits.topicSkills),
  hours: word(hourClasses),
  deadlineMs: time,
  remote: flag,
  area: geohash,
  language: word(languages),
  openUntilMs: time,
  ...milestone,
});
export const StayTopic = message(pb.StayTopicSchema, {
  area: geohash,
  checkInDay: uint,
  checkOutDay: uint,
  guests: uint,
  beds: uint,
  lodging: word(lodgings),
  openUntilMs: time,
  ...milestone,
});
export const MicroTaskTopic = message(pb.MicroTaskTopicSchema, {
  category: word(microTaskCategories),
  unitCount: uint,
  unitMinutes: uint,
  deadlineMs: time,
  remote: flag,
  area: geohash,
  openUntilMs: time,
  ...milestone,
});

/** Exactly one kind: `{ kind: 'taxi', ...TaxiTopic }` and so on. */
export const Topic = union(
  pb.TopicSchema,
  {
    taxi: TaxiTopic,
    delivery: DeliveryTopic,
    freelance: FreelanceTopic,
    stay: StayTopic,
    microTask: MicroTaskTopic,
  },
  limits.requestBytes,
);
export type Topic = CoreOf<typeof Topic>;
/** A topic of one kind. */
export type TopicOf<Kind extends TopicKind> = Extract<Topic, { kind: Kind }>;
