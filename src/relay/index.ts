export { startRelay } from './relay.ts';
export type { Relay, RelayOptions } from './relay.ts';
