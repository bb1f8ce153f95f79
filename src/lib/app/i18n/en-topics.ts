/** The third part of `en.ts`: the kinds of job, and every word a topic may carry. A missing word does not compile. */
import type { TopicKind, TopicViewOf } from '../types.ts';
import { people } from './people.ts';

type Delivery = TopicViewOf<'delivery'>;
type Freelance = TopicViewOf<'freelance'>;
type Stay = TopicViewOf<'stay'>;
type MicroTask = TopicViewOf<'microTask'>;

const kind: Record<TopicKind, string> = {
  taxi: 'Ride',
  delivery: 'Delivery',
  freelance: 'Freelance work',
  stay: 'Stay',
  microTask: 'Micro-tasks',
};

const size: Record<Delivery['size'], string> = {
  S: 'S, fits a pocket',
  M: 'M, fits a backpack',
  L: 'L, fits a car boot',
  XL: 'XL, needs a van',
};

const hours: Record<Freelance['hours'], string> = {
  2: 'up to 2 hours',
  8: 'up to 8 hours',
  20: 'up to 20 hours',
  40: 'up to 40 hours',
  more: 'more than 40 hours',
};

const lodging: Record<Stay['lodging'], string> = {
  any: 'Any place',
  sharedRoom: 'Shared room',
  room: 'Room',
  flat: 'Flat',
  house: 'House',
  pitch: 'Pitch for a tent',
};

const work: Record<Freelance['category'], string> = {
  software: 'Software',
  design: 'Design',
  writing: 'Writing',
  translation: 'Translation',
  audioVideo: 'Audio and video',
  data: 'Data',
  marketing: 'Marketing',
  accounting: 'Accounting',
  law: 'Law',
  engineering: 'Engineering',
  teaching: 'Teaching',
  care: 'Care',
  repair: 'Repair',
  cleaning: 'Cleaning',
  garden: 'Garden',
  moving: 'Moving house',
  event: 'Events',
  office: 'Office work',
};

const skill: Record<Freelance['skills'][number], string> = {
  web: 'Web pages',
  mobile: 'Mobile apps',
  backend: 'Servers',
  security: 'Security',
  machineLearning: 'Machine learning',
  statistics: 'Statistics',
  spreadsheets: 'Spreadsheets',
  illustration: 'Illustration',
  layout: 'Layout',
  logo: 'Logos',
  photo: 'Photography',
  video: 'Video',
  animation: 'Animation',
  sound: 'Sound',
  voice: 'Voice',
  copywriting: 'Copywriting',
  proofreading: 'Proofreading',
  transcription: 'Transcription',
  subtitles: 'Subtitles',
  research: 'Research',
  bookkeeping: 'Bookkeeping',
  tax: 'Tax',
  contracts: 'Contracts',
  drawing: 'Technical drawing',
  tutoring: 'Tutoring',
  electrics: 'Electrics',
  plumbing: 'Plumbing',
  carpentry: 'Carpentry',
  painting: 'Painting',
  cooking: 'Cooking',
  childcare: 'Childcare',
  eldercare: 'Elder care',
  drivingLicence: 'Driving licence',
  lifting: 'Heavy lifting',
};

const task: Record<MicroTask['category'], string> = {
  labelling: 'Labelling pictures',
  transcription: 'Writing down recordings',
  dataEntry: 'Typing in data',
  survey: 'Answering questions',
  moderation: 'Sorting out bad content',
  comparison: 'Comparing two things',
  search: 'Looking things up',
  testing: 'Trying an app',
  recording: 'Reading sentences aloud',
  photo: 'Taking photos of places',
  leaflets: 'Handing out leaflets',
  shelfCheck: 'Checking shop shelves',
};

/** Named by `languageName`; the order is that of the list to choose from. */
const languages: Record<Freelance['language'], true> = {
  ...{ en: true, zh: true, hi: true, es: true, fr: true, ar: true, bn: true, pt: true },
  ...{ ru: true, ur: true, id: true, de: true, ja: true, sw: true, tr: true, vi: true },
  ...{ ko: true, it: true, pl: true, uk: true, nl: true, ro: true, el: true, cs: true },
  ...{ sv: true, th: true, fa: true, he: true, tl: true, am: true },
};

export const enTopics = {
  post: {
    kind: 'What do you need?',
    size: 'Size',
    weight: 'Weight',
    care: 'Take care',
    cashFree: 'Nothing to pay at either door',
    fragile: 'Fragile',
    cold: 'Keep cold',
    work: 'Kind of work',
    task: 'Kind of task',
    hours: 'How much work',
    language: 'Language',
    skills: (n: number, most: number) => `Skills needed, ${n} of at most ${most}`,
    units: 'How many pieces',
    minutes: 'Minutes for one piece',
    deadline: 'Done by',
    remote: 'Can be done from anywhere',
    area: 'Around where',
    checkIn: 'First night',
    checkOut: 'Leaving on',
    lodging: 'What kind of place',
    guests: 'Guests',
    beds: 'Beds',
    parts: 'Paid in how many parts',
    openFor: 'Take offers for',
    nothingElse: 'Only these choices are sent. Say the rest in a message once you are matched.',
  },
  topic: {
    languages,
    kind,
    size,
    hours,
    lodging,
    work,
    skill,
    task,
    weight: (kg: string) => `up to ${kg} kg`,
    cashFree: 'nothing to pay at the door',
    fragile: 'fragile',
    cold: 'keep cold',
    parcel: (size: string, weight: string) => `Parcel ${size}, ${weight}`,
    pickupBy: (time: string) => `pick-up by ${time}`,
    in: (language: string) => `in ${language}`,
    dueBy: (time: string) => `due ${time}`,
    remote: 'from anywhere',
    near: (cell: string) => `around ${cell}`,
    guests: (n: number) => people(n, 'guest', 'guests'),
    beds: (n: number) => people(n, 'bed', 'beds'),
    nights: (n: number) => people(n, 'night', 'nights'),
    dates: (from: string, to: string) => `${from} \u2013 ${to}`,
    units: (n: string, minutes: string) => `${n} pieces of about ${minutes} min`,
    booking:
      'Money can be held for about three days. If the stay ends later, the payment is for the booking; agree on the rest when you are in contact.',
    partOf: (part: number, parts: number) => `part ${part} of ${parts}, each paid on its own`,
    inParts: (parts: number) => `in ${parts} parts, each paid on its own`,
  },
};
