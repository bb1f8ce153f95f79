/**
 * A node that runs elsewhere, driven over a WebSocket: the ports are plain data, so the app does not notice. The devnet offers
 * its settler this way, so that a window can be the settler's desk.
 */
import { readStored, toStored } from '../protocol/index.ts';
import { StartFault, type AppLink } from './app-link.ts';
import type { Notice } from './types.ts';

export function remoteLink(url: string): Promise<AppLink> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    let listener: ((notice: Notice) => void) | null = null;
    const waiting: Notice[] = [];
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const notice = readStored<Notice>(new Uint8Array(data));
      if (listener === null) waiting.push(notice);
      else listener(notice);
    };
    socket.onerror = () => {
      reject(new StartFault('REMOTE_SILENT', url));
    };
    socket.onclose = () => {
      listener?.({ view: 'stopped', reason: 'The node this window shows has ended.' });
    };
    socket.onopen = () => {
      resolve({
        send: (command) => {
          socket.send(toStored(command) as Uint8Array<ArrayBuffer>);
        },
        listen(to) {
          listener = to;
          for (const notice of waiting.splice(0)) to(notice);
        },
      });
    };
  });
}
