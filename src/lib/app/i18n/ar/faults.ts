/** Arabic for `fault-words.ts`: what neighbours do wrong. */
import type { Translation } from '../translation.ts';

const untouched = 'لم يُمس مالك. لا شيء عليك فعله.';
const dropped = `تُرك، و${untouched}`;
const notCarried = `لم يُنقل عمله، و${untouched}`;
const beforePaid = 'رُفض قبل أن يُدفع شيء. انتظر عرضًا آخر.';
const refused = `رُفضت، و${untouched}`;

export const faults: Translation['faults'] = {
  FRAME_TOO_LARGE: `أرسل جار أكثر مما تسعه رسالة. ${dropped}`,
  FRAME_MALFORMED: `أرسل جار بيانات لا معنى لها. ${dropped}`,
  FRAME_NOT_CANONICAL: `أرسل جار رسالة موقعة في صورة ملتوية. ${dropped}`,
  FRAME_UNEXPECTED: `أرسل جار ما لم يطلبه أحد. ${dropped}`,
  NETWORK_MISMATCH:
    'جار على شبكة بتكوين أخرى أو نسخة أقدم. لا تتحدثان، ولم يُمس مالك. إن حدث ذلك مع الجميع فحدّث التطبيق.',
  CLOCK_SKEW:
    'ساعة جار تبعد عن ساعتك أكثر من 30 ثانية. لا تتحدثان، ولم يُمس مالك. إن حدث ذلك مع الجميع فاضبط ساعتك.',
  RATE_EXCEEDED: `أرسل جار كثيرًا وبسرعة. تُرك الزائد، و${untouched}`,
  ASK_WITHOUT_WORK: `سأل جار أكثر مما حسب له. ${dropped}`,
  ASK_UNKNOWN: `أرسل جار عملًا من غير أن يسأل أولًا. ${dropped}`,
  ASK_MISMATCH: `أرسل جار عملًا غير الذي سأل عنه. ${dropped}`,
  PAYLOAD_KNOWN_BAD: `نقل جار عملًا عُرف تزويره. ${dropped}`,
  POW_SCHEME_MISMATCH: `قام جار بحساب غير الذي طلبته. ${notCarried}`,
  POW_TARGET_MISMATCH: `حسب جار بمقدار غير الذي طلبته. ${notCarried}`,
  POW_MEMORY_HARD_ABOVE_TARGET: `ادّعى هذا الجار حسابًا مكلفًا لم يقم به. قُطع الاتصال، و${untouched}`,
  POW_ABOVE_TARGET: `حسب جار أقل مما طلبته. ${notCarried}`,
  PAYMENT_NOT_PROVEN: `قال جار إنه دفع ولم يدفع. ${notCarried}`,
  TIMESTAMP_OUT_OF_TOLERANCE: `حساب جار قديم جدًا أو تاريخه في المستقبل. ${notCarried}`,
  TOPIC_EXPIRED: `نقل جار عملًا انتهى وقته. ${dropped}`,
  TOPIC_INVALID: `نقل جار عملًا وقته مستحيل. ${dropped}`,
  GEOHASH_MALFORMED: `نقل جار عملًا في مكان غير موجود. ${dropped}`,
  GEOHASH_TOO_COARSE: `نقل جار عملًا مكانه واسع جدًا. ${dropped}`,
  GEOHASH_TOO_EXACT: `نقل جار عملًا يكشف مكانًا بالضبط. ${dropped}`,
  ONION_UNREADABLE: `أرسل جار عملًا بطريق عودة لا تستطيع استخدامه. ${dropped}`,
  ONION_HEAD_MISMATCH: `عبث جار بطريق عودة عمل. ${dropped}`,
  ONION_SLOT_UNKNOWN: `عاد عرض من طريق لم تفتحه قط. ${dropped}`,
  CERTIFICATE_ISSUER_UNKNOWN:
    'يزكّي أحدَهم مُسوٍّ لا تعرفه. تتجاهله، ولم يُمس مالك. لتثق بذلك المُسوّي أضفه في «عقدتك».',
  CERTIFICATE_SIGNATURE_INVALID: `أظهر أحد شهادة مزورة. ${refused}`,
  CERTIFICATE_NOT_VALID_NOW:
    'شهادة أحدهم انتهت أو لم تبدأ. رُفضت، ولم يُمس مالك. إن كانت لك فاطلب من مُسوّيك غيرها.',
  CERTIFICATE_NOT_ENTITLED: `استخدم أحد شهادة فيما لا تسمح به. ${refused}`,
  CERTIFICATE_REVOKED: 'استخدم أحد شهادة سحبها مُسوّيها. رُفضت، ولم يُمس مالك. انتظر عرضًا أو عملًا آخر.',
  REVOCATION_HEAD_INVALID:
    'قائمة مُسوٍّ للشهادات المسحوبة قديمة أو مزورة. تُرفض العروض التي تعتمد عليها، ولم يُمس مالك. أعد المحاولة حين يتصل المُسوّي.',
  REQUEST_SIGNATURE_INVALID: `نقل جار عملًا مزورًا. ${dropped}`,
  CANCELLATION_SIGNATURE_INVALID:
    'قال جار إن زبونًا سحب عملًا، والزبون لم يفعل. يبقى العمل متاحًا ولم تتحرك أموال.',
  PROMISE_SIGNATURE_INVALID: `جاء عرض بوعد مُسوٍّ مزور. ${beforePaid}`,
  PROMISE_MISMATCH: `جاء عرض بوعد لعمل آخر. ${beforePaid}`,
  PROMISE_HEIGHTS_INVALID: `مواعيد عرض لا تستقيم. ${beforePaid}`,
  PROMISE_EXPIRED: `جاء عرض بعد أوان الأمان. ${beforePaid}`,
  REPLY_NOT_BROADCAST_TO: `جاء عرض ممن لم تخبره بالعمل قط. ${dropped}`,
  REPLY_REPEATED: `جاء العرض نفسه مرتين. تُركت النسخة، و${untouched}`,
  REPLY_LIMIT: `جاءت عروض أكثر مما لجار واحد أن يأتي به. تُرك الزائد، و${untouched}`,
  ROUTING_FEE_ABOVE_QUOTE: 'جاء جار بعرض على طريق يكلف أكثر مما قال. لم يُؤخذ ولم تتحرك أموال.',
  REPLY_UNREADABLE: 'عرض لم يُكتب لك. تُرك قبل أن يُدفع شيء. انتظر عرضًا آخر.',
  REPLY_SIGNATURE_INVALID: `عرض لم يوقعه من يُقال إنه صاحبه. ${beforePaid}`,
  REPLY_REQUEST_ALTERED: `عرض يجيب صورة مغيَّرة من عملك. ${beforePaid}`,
  INVOICE_MALFORMED: `جاء عرض بفاتورة لا تُقرأ. ${beforePaid}`,
  INVOICE_HASH_MISMATCH: `جاء عرض بفاتورة لم يعد بها المُسوّي. ${beforePaid}`,
  INVOICE_AMOUNT_MISMATCH: `فاتورة عرض تطلب غير المبلغ الموعود. ${beforePaid}`,
  INVOICE_CLTV_MISMATCH: `عرض يحجز مالك أطول أو أقصر مما يجب. ${beforePaid}`,
  INVOICE_NETWORK_MISMATCH: `فاتورة عرض لشبكة بتكوين أخرى. ${beforePaid}`,
  TERMS_MISMATCH: `شروط عرض غير التي وعد بها المُسوّي. ${beforePaid}`,
  LOCK_FRAUD:
    'لا يفتح مفتاح المُسوّي التواصل الذي وعد به. دفعتك محجوزة لا مدفوعة، وتعود عند الكتلة المبيَّنة. لا تستخدم هذا المُسوّي ثانية.',
  STATEMENT_SIGNATURE_INVALID: 'جاء بيان تسوية مزور. تُجوهل ولم يحرك مالًا. لا شيء عليك فعله.',
  STATEMENT_NOT_ENTITLED: 'قال أحد شيئًا في عمل ليس له. تُجوهل ولم يحرك مالًا. لا شيء عليك فعله.',
  PREIMAGE_MISMATCH:
    'نُشر مفتاح دفعة خاطئ. تُجوهل؛ ما حُجز يبقى محجوزًا ويعود عند كتلته. لا شيء عليك فعله.',
  FRAUD_PROOF_INVALID: `اتهم جار أحدًا بالاحتيال من غير دليل. ${dropped}`,
  THANK_YOU_UNWANTED: 'جاء عرض بلا مُسوٍّ لعمل يريد مُسوّيًا. تُرك ولم تتحرك أموال. لا شيء عليك فعله.',
  THANK_YOU_UNKNOWN: 'جاء شكر على عرض غير معروف هنا. تُجوهل ولم يحرك مالًا. لا شيء عليك فعله.',
  THANK_YOU_SIGNATURE_INVALID: 'جاء شكر مزور. تُجوهل ولم يحرك مالًا. لا شيء عليك فعله.',
  THANK_YOU_EXPIRED: 'جاء عرض بلا مُسوٍّ، أو شكره، بعد أوانه. تُجوهل ولم يحرك مالًا. انتظر غيره.',
  CONTACT_KEY_WRONG: 'لا يفتح مفتاح العامل التواصل الذي وقّع عليه. لم تدفع شيئًا. خذ عرضًا آخر.',
  CONTACT_UNREADABLE: 'تعذّر فتح رسالة من الطرف الآخر. تُركت ولم يُمس مالك. اطلب أن تُرسل ثانية.',
};
