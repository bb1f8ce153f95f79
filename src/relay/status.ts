/** What an operator's tools ask a relay: `/healthz`, for who sends it traffic, and `/metrics`, for Prometheus. No node is named. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_TYPE, prometheusText } from './metrics.ts';
import type { Metric } from './metrics.ts';
import type { RelayNumbers } from './relay.ts';

export interface StatusSource {
  readonly relay: () => RelayNumbers;
  readonly stunAnswered: () => number;
  /** Ready takes new nodes; draining no longer does. */
  readonly state: () => 'ready' | 'draining';
}

export interface Status {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  close(): Promise<void>;
}

export async function startStatus(
  { host, port }: { readonly host: string; readonly port: number },
  source: StatusSource,
): Promise<Status> {
  const server = createServer(({ method, url }, response) => {
    const path = (url ?? '/').split('?')[0];
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end();
    if (path === '/metrics') {
      return void response
        .writeHead(200, { 'Content-Type': METRICS_TYPE })
        .end(prometheusText(metricsOf(source)));
    }
    if (path !== '/healthz') return void response.writeHead(404).end('Not found\n');
    const status = source.state();
    response
      .writeHead(status === 'ready' ? 200 : 503, { 'Content-Type': 'application/json' })
      .end(`${JSON.stringify({ status, ...source.relay() })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function metricsOf({ relay, stunAnswered, state }: StatusSource): Metric[] {
  const now = relay();
  const gauge = (name: string, help: string, value: number): Metric => ({
    name: `gig_relay_${name}`,
    type: 'gauge',
    help,
    samples: [{ value }],
  });
  const counter = (name: string, help: string, value: number): Metric => ({
    ...gauge(name, help, value),
    type: 'counter',
  });
  const refusals = Object.entries(now.refusals);
  return [
    gauge('ready', '1 while new nodes are let in.', state() === 'ready' ? 1 : 0),
    gauge('connections', 'Connections open now.', now.connections),
    gauge('nodes', 'Nodes connected now.', now.nodes),
    gauge('reservations', 'Nodes that can be reached through this relay.', now.reservations),
    gauge('circuits', 'Circuits open now.', now.circuits),
    counter('circuits_total', 'Circuits opened.', now.circuitsOpened),
    counter('carried_bytes_total', 'Sealed bytes carried on circuits.', now.carriedBytes),
    counter('introductions_total', 'Records of nodes given to others.', now.introductions),
    counter('stun_answers_total', 'STUN requests answered.', stunAnswered()),
    {
      ...counter('refusals_total', 'What was refused, by limit.', 0),
      samples: refusals.map(([limit, value]) => ({ labels: { limit }, value })),
    },
    {
      ...gauge('process_resident_memory_bytes', 'Memory of the process.', 0),
      samples: [{ value: process.memoryUsage.rss() }],
    },
    gauge('uptime_seconds', 'Seconds since the start.', Math.round(process.uptime())),
  ];
}
