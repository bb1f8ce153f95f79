/** The process that runs the devnet's Lightning. It ends when the devnet does. */
import type { Answer, Call } from './ipc.ts';
import { LightningNetwork } from './network.ts';

let network: LightningNetwork | null = null;

function answer(words: Answer): void {
  process.send?.(words);
}

async function perform(call: Call): Promise<unknown> {
  if (call.do === 'start') {
    network = await LightningNetwork.start(call.params);
    return undefined;
  }
  if (!network) throw new Error('not started');
  return network.perform(call);
}

process.on('message', (call: Call) => {
  perform(call).then(
    (result) => answer({ id: call.id, result }),
    (error: unknown) => answer({ id: call.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
