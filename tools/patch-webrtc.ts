/**
 * Two faults of @libp2p/webrtc 6.0.33, mended as it is bundled (js-libp2p pull request 3460):
 *
 * 1. A dialler hung for 6 s if the peer had closed the first data channel already.
 * 2. A signalling stream that ended early passed for a connection: the listener then told of a
 *    direct path that was dead.
 *
 * With both mended 100 of 100 dials between loaded pages stood; before, 4 of 40 failed. The bundle
 * breaks if the text no longer matches, and so does a test, so that an upgrade cannot drop this.
 */
import type { Plugin } from 'vite';

interface Patch {
  readonly file: string;
  readonly replacements: readonly (readonly [from: string, to: string])[];
}

/** ms that a connection may take to stand after its signalling has ended. */
const CONNECTED_MS = 5_000;

const waitConnected = `async function waitConnected(pc, signal) {
    const until = Date.now() + ${CONNECTED_MS};
    while (pc.connectionState !== 'connected') {
        const over = pc.connectionState === 'failed' || pc.connectionState === 'closed';
        if (over || signal?.aborted === true || Date.now() > until) {
            throw new ConnectionFailedError('signalling ended before the peers were connected');
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
`;

const lines = (...all: readonly string[]) => all.join('\n');

export const patches: readonly Patch[] = [
  {
    file: '@libp2p/webrtc/dist/src/private-to-private/initiate-connection.js',
    replacements: [
      ["if (channel.readyState !== 'open') {", "if (channel.readyState === 'connecting') {"],
      [
        'channel.close();\n        // wait for init channel',
        "if (channel.readyState !== 'closed') { channel.close();\n        // wait for init channel",
      ],
      [
        "await pEvent(channel, 'close', {\n            signal\n        });",
        "await pEvent(channel, 'close', {\n            signal\n        }); }",
      ],
    ],
  },
  {
    file: '@libp2p/webrtc/dist/src/private-to-private/util.js',
    replacements: [
      [
        'export const readCandidatesUntilConnected',
        `${waitConnected}export const readCandidatesUntilConnected`,
      ],
      [
        'options.signal?.throwIfAborted();\n                break;',
        lines(
          'options.signal?.throwIfAborted();',
          'await waitConnected(pc, options.signal);',
          'break;',
        ),
      ],
      [
        "if (options.signal?.aborted === true && pc.connectionState !== 'connected') {",
        lines(
          "if (err.name === 'ConnectionFailedError') { throw err; }",
          'await waitConnected(pc, options.signal);',
          "if (options.signal?.aborted === true && pc.connectionState !== 'connected') {",
        ),
      ],
    ],
  },
];

/** The mended source of a module, or `null` if it needs none. Throws if it cannot be mended. */
export function patchSource(id: string, code: string): string | null {
  const path = id.replaceAll('\\', '/').split('?')[0]!;
  const patch = patches.find(({ file }) => path.endsWith(file));
  if (patch === undefined) return null;
  return patch.replacements.reduce((mended, [from, to]) => {
    if (mended.split(from).length !== 2) {
      throw new Error(`${patch.file} has changed; look whether it still needs:\n${to}`);
    }
    return mended.replace(from, () => to);
  }, code);
}

export function patchWebrtc(): Plugin {
  return {
    name: 'patch-webrtc',
    enforce: 'pre',
    // Bundled beforehand, its modules would not pass through here.
    config: () => ({ optimizeDeps: { exclude: ['@libp2p/webrtc'] } }),
    transform: (code, id) => {
      const mended = patchSource(id, code);
      return mended === null ? null : { code: mended, map: null };
    },
  };
}
