/** Arabic for `later.ts`: the other screens. */
import type { Translation } from '../translation.ts';

export const later: Translation['later'] = {
  language: {
    title: 'اللغة',
    why: 'تُفتح الصفحة من جديد باللغة التي تختارها. لا يضيع شيء مما هو جارٍ.',
  },
};
