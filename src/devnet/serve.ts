/** Serves the built app: static files and the security headers, and beside them what the devnet answers itself. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { extname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { securityHeaders } from './security-headers.ts';

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface AppServer {
  /** With a trailing slash. */
  readonly url: string;
  /** WebSockets opened at a path by a page of this machine. */
  upgrades(path: string, accept: Upgrade): void;
  close(): Promise<void>;
}

/** The port is somebody else's; the message says so to people. */
export class PortTakenError extends Error {
  constructor(port: number) {
    super(`Port ${port} is taken: stop what uses it, or choose another with --port.`);
  }
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface ServeOptions {
  readonly root: string;
  /** Numeric address to listen on; this machine's own unless given. */
  readonly host?: string;
  readonly port: number;
  /** Answers `/join` and `/devnet/...`; undefined while there is nothing to answer. */
  readonly devnet?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<void> | undefined;
}

/** A browser says which page opens a WebSocket; only the app's own pages may. */
function isOfThisMachine({ headers }: IncomingMessage): boolean {
  const origin = headers.origin;
  return origin === undefined || URL.parse(origin)?.host === headers.host;
}

/**
 * Serves `root`, by default on this machine only: browsers give a page service workers and WebCrypto on localhost or https,
 * nowhere else.
 * Port 0 takes a free one. Throws PortTakenError.
 */
export async function serveApp({ root, host, port, devnet }: ServeOptions): Promise<AppServer> {
  const accepts = new Map<string, Upgrade>();
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (!/^\/(join$|join\?|devnet\/)/.test(request.url ?? ''))
      return void answer(root, request, response);
    const answered = devnet?.(request, response);
    if (answered === undefined) return void response.writeHead(503).end('Not there yet.\n');
    void answered.catch((error: unknown) => response.writeHead(500).end(`${String(error)}\n`));
  });
  server.on('upgrade', (request, socket, head) => {
    const accept = accepts.get(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (accept && isOfThisMachine(request)) accept(request, socket, head);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port) : error),
    );
    server.listen(port, host ?? '127.0.0.1', resolve);
  });
  return {
    url: `http://${host ?? 'localhost'}:${(server.address() as AddressInfo).port}/`,
    upgrades: (path, accept) => void accepts.set(path, accept),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const file = fileFor(root, request.url ?? '/');
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || !found?.isFile()) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  const hashed = file.startsWith(join(root, 'assets') + sep);
  const head = {
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
    Vary: 'Accept-Encoding',
  };
  // As static hosts do; pictures are compressed already.
  const packs = /\bgzip\b/.test(String(request.headers['accept-encoding']));
  if (packs && extname(file) !== '.png') {
    const packed = await packedFile(file, found.mtimeMs);
    const size = { 'Content-Encoding': 'gzip', 'Content-Length': packed.length };
    response.writeHead(200, { ...head, ...size }).end(request.method === 'HEAD' ? '' : packed);
    return;
  }
  response.writeHead(200, { ...head, 'Content-Length': found.size });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
}

const packedFiles = new Map<string, Promise<Buffer>>();

/** Each version of a file is compressed once. */
function packedFile(file: string, mtimeMs: number): Promise<Buffer> {
  const key = `${file} ${mtimeMs}`;
  const packed =
    packedFiles.get(key) ??
    readFile(file).then((content) => promisify(gzip)(content, { level: 9 }));
  packedFiles.set(key, packed);
  return packed;
}

/** The file that a request means, or undefined when it points outside `root` or makes no sense. */
function fileFor(root: string, requestUrl: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(requestUrl, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0')) return undefined;
  const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(root + sep) ? file : undefined;
}
