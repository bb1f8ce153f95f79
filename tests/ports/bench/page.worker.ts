/** The bench inside a page's worker, where the app keeps its node. */
import { answer } from './in-browser.ts';

onmessage = (message: MessageEvent<string>) => postMessage(answer(message.data));
