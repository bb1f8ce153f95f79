/** Arabic for the sentences of `words.ts`, `start-words.ts`, `fault-words.ts` and `end-words.ts`. */
import type { Translation } from '../translation.ts';

export const start: Translation['start'] = {
  OTHER_TAB:
    'يعمل Gig-Gossip في علامة تبويب أخرى. أموالك وأعمالك آمنة هناك. استخدم تلك العلامة، أو تابع في هذه.',
  TAB_SILENT: 'علامة التبويب الأخرى لا تسلّم. أموالك وأعمالك آمنة هناك. أغلقها ثم تابع في هذه.',
  NO_STORAGE:
    'لا يحفظ متصفحك شيئًا لهذه الصفحة، فقد يُنسى عمل وأمواله محجوزة. لم يبدأ شيء. غادر النافذة الخاصة أو اسمح بالتخزين، ثم أعد التحميل.',
  NEWER_STORED:
    'ما يتذكره هذا الجهاز صنعته نسخة أحدث من Gig-Gossip. لم يبدأ شيء ولم يضِع شيء. حدِّث التطبيق: أغلق كل علاماته ثم افتحه من جديد.',
  NO_WEBRTC:
    'لا يستطيع متصفحك الاتصال بهواتف أخرى. لم يبدأ شيء ولم تتحرك أموال. استخدم إصدارًا حديثًا من Chrome أو Firefox أو Safari.',
  REMOTE_SILENT:
    'العقدة التي ينبغي أن تعرضها هذه النافذة لا تجيب. لم يُرسل شيء ولم تتحرك أموال. تحقق من أن شبكة التدريب تعمل، ثم أعد التحميل.',
};

export const rejections: Translation['rejections'] = {};

export const faults: Translation['faults'] = {};

export const wallet: Translation['wallet'] = {};

export const asks: Translation['asks'] = {};

export const ends: Translation['ends'] = {};
