/** The sentences of `words.ts` for a node that does not start; apart, because only they belong to the shell. */
import { translated } from './i18n/translated.ts';
import type { StartFaultCode } from './app-link.ts';

/** The node could not be started in this page. */
export const startWords = translated<Record<StartFaultCode, string>>('start', {
  OTHER_TAB:
    'Gig-Gossip already runs in another tab. Your money and jobs are safe there. Use that tab, or go on in this one.',
  TAB_SILENT:
    'The other tab does not hand over. Your money and jobs are safe there. Close it, then go on in this one.',
  NO_STORAGE:
    'Your browser keeps nothing for this page, so a job could be forgotten while money is held. Nothing was started. Leave the private window or allow storage, then reload.',
  NEWER_STORED:
    'What this device remembers was made by a newer version of Gig-Gossip. Nothing was started and nothing is lost. Update the app: close all its tabs, then open it again.',
  NO_WEBRTC:
    'Your browser cannot connect to other phones. Nothing was started and no money moved. Use a current Chrome, Firefox or Safari.',
  REMOTE_SILENT:
    'The node this window should show does not answer. Nothing was sent and no money moved. Check that the practice network runs, then reload.',
});
