/**
 * libp2p without its debug log: nobody reads it in a phone's browser, and its sentences are a twelfth of what libp2p weighs.
 * Calls that log, and are nothing else, are left out; who asks for a logger gets one that does nothing.
 */
import type { ESTree } from 'vite';
import { parseSync, type Plugin } from 'vite';

const PACKAGES = /[\\/]node_modules[\\/](libp2p|@libp2p|@chainsafe|@multiformats)[\\/].*\.js$/;
const LOGGER = '@libp2p/logger';
const SILENT = '\0silent-logger';

const silent = `
const log = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => log });
export const logger = () => log;
export const defaultLogger = () => ({ forComponent: logger });
export const peerLogger = defaultLogger;
export const prefixLogger = defaultLogger;
`;

export function slimLibp2p(): Plugin {
  return {
    name: 'slim-libp2p',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === LOGGER ? SILENT : null),
    load: (id) => (id === SILENT ? { code: silent, moduleSideEffects: false } : null),
    transform: {
      filter: { id: PACKAGES },
      handler: (code) => ({ code: withoutLogs(code), map: null }),
    },
  };
}

/** Statements that only log become empty ones. */
export function withoutLogs(code: string): string {
  const { program } = parseSync('libp2p.js', code);
  const found: [start: number, end: number][] = [];
  visit(program, (node) => {
    if (node.type !== 'ExpressionStatement' || !logs(node.expression)) return true;
    found.push([node.start, node.end]);
    return false;
  });
  return found
    .sort(([a], [b]) => b - a)
    .reduce((rest, [start, end]) => `${rest.slice(0, start)};${rest.slice(end)}`, code);
}

/** `log(...)`, `this.log(...)`, `it.log?.error(...)`: what is called is a log, or one of a log's two ways to speak. */
function logs(expression: ESTree.Expression): boolean {
  const call = expression.type === 'ChainExpression' ? expression.expression : expression;
  if (call.type !== 'CallExpression') return false;
  const [last, before] = names(call.callee);
  return last === 'log' || (before === 'log' && (last === 'error' || last === 'trace'));
}

/** Of `a.b.c`: c, b, a. */
function names(node: ESTree.Expression | ESTree.Super): string[] {
  if (node.type === 'Identifier') return [node.name];
  if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return [];
  return [node.property.name, ...names(node.object)];
}

/** `see` says whether to look inside. */
function visit(node: ESTree.Node, see: (node: ESTree.Node) => boolean): void {
  if (!see(node)) return;
  for (const inner of Object.values(node).flat() as unknown[]) {
    if (typeof inner === 'object' && inner !== null && 'type' in inner) {
      visit(inner as ESTree.Node, see);
    }
  }
}
