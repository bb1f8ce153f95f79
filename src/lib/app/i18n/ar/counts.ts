/** How Arabic counts what the screens count. */
import { counting } from '../counting.ts';

/** Latin digits, as places, prices and keys have them. */
export const locale = 'ar-u-nu-latn';
const count = counting(locale);

/** `none`, one, two, a few, many and the rest, each with its own form of the noun. */
const counted =
  (zero: string, one: string, two: string, few: string, many: string, other: string) =>
  (n: number) =>
    count(n, { zero, one, two, few: `# ${few}`, many: `# ${many}`, other: `# ${other}` });

export const neighbours = counted('لا جيران', 'جار واحد', 'جاران', 'جيران', 'جارًا', 'جار');
export const workers = counted('لا عاملين', 'عامل واحد', 'عاملان', 'عاملين', 'عاملًا', 'عامل');
export const jobs = counted('لا أعمال', 'عمل واحد', 'عملان', 'أعمال', 'عملًا', 'عمل');
export const faults = counted('لا أخطاء', 'خطأ واحد', 'خطآن', 'أخطاء', 'خطأً', 'خطأ');
export const hours = counted('لا وقت', 'ساعة واحدة', 'ساعتان', 'ساعات', 'ساعة', 'ساعة');
export const ways = counted('لا طريق', 'طريق واحد', 'طريقان', 'طرق', 'طريقًا', 'طريق');
export const certificates = counted(
  'لا شهادات',
  'شهادة واحدة',
  'شهادتان',
  'شهادات',
  'شهادة',
  'شهادة',
);
export const guests = counted('لا ضيوف', 'ضيف واحد', 'ضيفان', 'ضيوف', 'ضيفًا', 'ضيف');
export const beds = counted('لا أسرّة', 'سرير واحد', 'سريران', 'أسرّة', 'سريرًا', 'سرير');
export const nights = counted('لا ليالي', 'ليلة واحدة', 'ليلتان', 'ليالٍ', 'ليلة', 'ليلة');
export const blocks = counted('لا كتل', 'كتلة واحدة', 'كتلتان', 'كتل', 'كتلة', 'كتلة');
export const batches = counted('لا دفعات', 'دفعة واحدة', 'دفعتان', 'دفعات', 'دفعة', 'دفعة');
