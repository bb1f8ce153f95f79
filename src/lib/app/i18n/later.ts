/** Words of screens that are fetched when they are first opened, and so no part of the shell. As `index.ts` otherwise. */
import { enAgain } from './en-again.ts';
import { enBroken } from './en-broken.ts';
import { enCases } from './en-cases.ts';
import { enConnect } from './en-connect.ts';
import { enIntroductions } from './en-introductions.ts';
import { enKeys } from './en-keys.ts';
import { enKinds } from './en-kinds.ts';
import { enLanguage } from './en-language.ts';
import { enMoney } from './en-money.ts';
import { enOffice } from './en-office.ts';
import { enParts } from './en-parts.ts';
import { enRelays } from './en-relays.ts';
import { enRules } from './en-rules.ts';
import { enSettle } from './en-settle.ts';
import { enSettings } from './en-settings.ts';
import { enStun } from './en-stun.ts';
import { enThanks } from './en-thanks.ts';
import { enWork } from './en-work.ts';
import { translated } from './translated.ts';

export const later = translated('later', {
  ...enAgain,
  ...enBroken,
  ...enCases,
  ...enConnect,
  ...enIntroductions,
  ...enKeys,
  ...enKinds,
  ...enLanguage,
  ...enMoney,
  ...enOffice,
  ...enParts,
  ...enRelays,
  ...enRules,
  ...enSettle,
  ...enSettings,
  ...enStun,
  ...enThanks,
  ...enWork,
});
