/**
 * Which test proves which rule: reads the rules from `docs/requirements.md` and the titles from the tests themselves.
 *
 * A title names its rules at its end, in brackets: `test('an undisputed claim pays [STL-07, PAY-13]', ...)`. A test has the
 * rules of the `describe` it stands in as well, and a row of a table those that its strings name. Skipped tests prove nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './commands.ts';

export interface Rule {
  readonly id: string;
  readonly text: string;
  /** Why no test proves it; empty if one must. */
  readonly unproven: string;
}

export interface Proof {
  readonly ids: readonly string[];
  /** From the outermost `describe` to the test. */
  readonly title: string;
  /** Path from the root, and the line. */
  readonly at: string;
}

export interface Trace {
  readonly rules: readonly (Rule & { readonly proofs: readonly Proof[] })[];
  /** Titles with an ID that the document lacks in a group it has; other groups are not the job protocol's. */
  readonly strays: readonly Proof[];
}

const id = '[A-Z]{3}-[0-9]{2}';
const named = new RegExp(`\\[(${id}(?:, ${id})*)\\]`, 'g');
const row = new RegExp(`^\\| (${id}) +\\| (.*?) *\\| [A-Z/, +]* *\\| *(.*?) *\\|$`, 'gm');

export function rulesOf(markdown: string): Rule[] {
  return [...markdown.matchAll(row)].map(([, id, text, unproven]) => ({
    id: id!,
    text: text!.trim(),
    unproven: unproven!.trim(),
  }));
}

export function idsIn(text: string): string[] {
  return [...text.matchAll(named)].flatMap(([, ids]) => ids!.split(', '));
}

/** Everything in a test file that names a rule. */
export function proofsIn(file: string, source: string): Proof[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const proofs: Proof[] = [];
  const visit = (node: ts.Node, above: readonly string[]): void => {
    if (ts.isCallExpression(node) && isSkipped(node.expression)) return;
    if (isText(node)) {
      const ids = idsIn(textOf(node));
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      const title = [...above, textOf(node)].join(' › ');
      if (ids.length > 0) proofs.push({ ids, title, at: `${file}:${line + 1}` });
      return;
    }
    const title = ts.isCallExpression(node) ? titleOf(node) : null;
    ts.forEachChild(node, (child) => {
      const inside = title !== null && child !== title && child !== node.getChildAt(0);
      visit(child, inside ? [...above, textOf(title)] : above);
    });
  };
  visit(tree, []);
  return proofs;
}

/** `test.skip(...)`, `describe.todo(...)`. */
function isSkipped(callee: ts.Node): boolean {
  return ts.isPropertyAccessExpression(callee) && /^(skip|todo)$/.test(callee.name.text);
}

/** The title of `test('...', () => ...)` and of whatever is called alike: a text, and later a function. */
function titleOf(call: ts.CallExpression): ts.Expression | null {
  const [first, ...others] = call.arguments;
  const does = others.some((it) => ts.isArrowFunction(it) || ts.isFunctionExpression(it));
  return first && does && isText(first) ? first : null;
}

/** A string, a template, or a sum of them. */
function isText(node: ts.Node): node is ts.Expression {
  if (ts.isBinaryExpression(node)) return isText(node.left) && isText(node.right);
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function textOf(node: ts.Node): string {
  if (ts.isBinaryExpression(node)) return textOf(node.left) + textOf(node.right);
  if (ts.isStringLiteralLike(node)) return node.text;
  return node.getText().slice(1, -1);
}

export function traceOf(rules: readonly Rule[], proofs: readonly Proof[]): Trace {
  const known = new Set(rules.map((rule) => rule.id));
  const groups = new Set(rules.map((rule) => rule.id.slice(0, 3)));
  const isStray = (id: string) => groups.has(id.slice(0, 3)) && !known.has(id);
  return {
    rules: rules.map((rule) => ({
      ...rule,
      proofs: proofs.filter((it) => it.ids.includes(rule.id)),
    })),
    strays: proofs.filter((it) => it.ids.some(isStray)),
  };
}

/** The trace of this repository. */
export function trace(): Trace {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const entries = readdirSync(join(root, 'tests'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file !== 'tests/trace.test.ts')
    .sort();
  return traceOf(
    rulesOf(read('docs/requirements.md')),
    files.flatMap((file) => proofsIn(file, read(file))),
  );
}
