// Every @example of a docstring runs, on what `npm run build` left in dist, and says the truth: where a line ends in a comment that is a value, such as
// `encoder.classes;  // ['cat', 'dog']`, the line has that value (numbers to the digits shown, … for the rest of a list or a text).
//
// An example may use every public name without an import, and the names of `given` below where it declares none of its own.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/entries/safetensors.js';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Example {
  /** File and line of the tag. */
  readonly where: string;
  readonly code: string;
}

/** A network that another tool saved. */
interface Saved {
  readonly file?: string;
  readonly json?: string;
}

/** Where names come from that an example uses and neither declares nor finds among the public ones. */
const given: Readonly<Record<string, string>> = {
  X: 'const X = Array.from({ length: 40 }, (_, i) => [(i % 7) / 3 - 1, (i % 5) / 2 - 1]);',
  y: 'const y = X.map(([a, b]) => (a + b > 0 ? 1 : 0));',
  XTrain: 'const XTrain = X.slice(10);',
  XTest: 'const XTest = X.slice(0, 10);',
  yTrain: 'const yTrain = y.slice(10);',
  yTest: 'const yTest = y.slice(0, 10);',
  model: "const model = new MLP({ inputs: 2, layers: [dense(4, { activation: 'tanh' }), dense(1)] });",
  clf: 'const clf = new MLPClassifier({ epochs: 20 }).fitSync(X, y);',
  signal: 'const { signal } = new AbortController();',
  show: 'const show = () => undefined;',
  table: "const table = parseCsv('size,color,price\\n1.5,red,10\\n2,blue,12\\n3,red,20\\n');",
  fetch: 'const fetch = (name) => new Response(readFileSync(name));', // as on a page, whose files lie beside it
};
const needs: Readonly<Record<string, readonly string[]>> = {
  y: ['X'],
  XTrain: ['X'],
  XTest: ['X'],
  yTrain: ['y'],
  yTest: ['y'],
  clf: ['X', 'y'],
};
const modules: Readonly<Record<string, string>> = {
  createReadStream: 'node:fs',
  readFileSync: 'node:fs',
  writeFileSync: 'node:fs',
  readFile: 'node:fs/promises',
};
const entries = [
  'feedforward',
  'feedforward/onnx',
  'feedforward/safetensors',
  'feedforward/standalone',
  'feedforward/files',
  'feedforward/worker',
  'feedforward/predict',
  'feedforward/predict/light',
  'feedforward/report',
  'feedforward/search',
  'feedforward/labs',
];

/** The examples of a file: what follows the tag in a doc comment, to its end or to the next tag. */
function examplesOf(path: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) =>
    [...comment.matchAll(/@example[^\n]*\n([\s\S]*?)(?=\n\s*\* @|\n?\s*\*\/)/g)].map((match) => ({
      where: `${relative(root, path)}:${text.slice(0, index + match.index).split('\n').length}`,
      code: match[1]!.replace(/^\s*\* ?/gm, ''),
    })),
  );
}

const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter((name) => name.endsWith('.ts')).sort();
const examples = sources.flatMap((name) => examplesOf(join(root, 'src', name)));

/** What the test below must catch. */
const lies = [
  '[1, 2];  // [1, 3]',
  "const x = 'ab';  // 'abc'",
  '({ a: 1, b: 2 });  // { a: 1 }',
  'metrics.f1([0, 0, 1, 1], [0, 1, 1, 1]);  // 0.81, as ever',
  'new Float64Array([1, 2]);  // Float64Array [1, 2, 3]',
  'nobodyMadeThis();',
];

/** The value that a comment begins with, as source text; undefined where it is prose. */
function literalOf(comment: string): string | undefined {
  const text = comment.replace(/^\w+Array (?=\[)/, '');
  const simple = /^(-?\d[\d.]*(e[-+]?\d+)?|true|false|null|undefined)(?=$|[\s,:;])/.exec(text);
  if (simple !== null) return simple[0];
  if (!/^[[{'"]/.test(text)) return undefined;
  let depth = 0;
  let quote = '';
  for (let k = 0; k < text.length; k++) {
    const character = text[k]!;
    if (quote !== '') {
      if (character === '\\') k++;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if ('[{'.includes(character)) depth++;
    else if (']}'.includes(character)) depth--;
    if (depth === 0 && quote === '') return text.slice(0, k + 1);
  }
  throw new Error(`This comment begins like a value, but is none: ${comment}`);
}

/** The example with each line that claims a value followed by its check. */
function checked(code: string): string {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  const edits: { from: number; to: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    const line = /^[;\s)}]*?;?[ \t]*\/\/ *([^\n]*)/.exec(code.slice(node.end).split('\n')[0]!);
    if (line === null) return;
    const literal = literalOf(line[1]!);
    if (literal === undefined) return;
    const claim = JSON.stringify(literal);
    if (ts.isExpressionStatement(node))
      edits.push({ from: node.getStart(), to: node.end, text: `claim(${node.expression.getText()}, ${claim});` });
    else if (ts.isVariableStatement(node)) {
      const { name } = node.declarationList.declarations[0]!;
      if (ts.isIdentifier(name)) edits.push({ from: node.end, to: node.end, text: ` claim(${name.text}, ${claim});` });
    }
  };
  visit(source);
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), code);
}

/** The example as a module: imports, what is given, and the code, whose names may be those of either. */
function moduleOf(code: string): string {
  const own = [...code.matchAll(/^import .*$/gm)].map(([line]) => line);
  const body = code.replace(/^import .*$/gm, '');
  const uses = (name: string, text: string) => new RegExp(`(?<![\\w']|(?<!\\.\\.)\\.)${name}(?![\\w':])`).test(text);
  const declares = (name: string) =>
    new RegExp(`(const|let) (${name}\\b|[[{][^=]*\\b${name}\\b[^=]*[\\]}] =)`).test(body) || own.some((line) => uses(name, line));
  const wanted = new Set<string>();
  const want = (name: string): void => {
    for (const other of needs[name] ?? []) want(other);
    wanted.add(name);
  };
  for (const name of Object.keys(given)) if (uses(name, body) && !declares(name)) want(name);
  const before = [...wanted].map((name) => given[name]!).join('\n');
  const all = `${before}\n${body}`;
  const imports = [...publicNames, ...Object.entries(modules)]
    .filter(([name]) => uses(name, all) && !own.some((line) => uses(name, line)))
    .map(([name, from]) => `import { ${name} } from '${from}';`);
  const text = [...own, ...imports, "import { claim } from './claim.mjs';", before, '{', checked(body), '}'].join('\n');
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;
}

const claim = `
function close(value, expected, where) {
  if (typeof expected === 'number') {
    const decimals = (String(expected).split('.')[1] ?? '').length;
    if (typeof value !== 'number' || !(Math.abs(value - expected) <= (decimals === 0 ? 1e-9 : 0.51 * 10 ** -decimals))) throw new Error(where + ' is ' + value + ', not ' + expected);
  } else if (typeof expected === 'string' && expected.endsWith('…')) {
    if (!String(value).startsWith(expected.slice(0, -1))) throw new Error(where + ' is ' + JSON.stringify(value) + ', not ' + expected);
  } else if (typeof expected === 'object' && expected !== null) {
    const list = Array.isArray(expected);
    if (list !== (Array.isArray(value) || ArrayBuffer.isView(value))) throw new Error(where + ' is ' + JSON.stringify(value));
    const more = list && expected.at(-1) === more_;
    const keys = more ? Object.keys(expected).slice(0, -1) : Object.keys(expected);
    if (!more && Object.keys(value).join() !== keys.join()) throw new Error(where + ' has ' + Object.keys(value).join() + ', not ' + keys.join());
    for (const key of keys) close(value[key], expected[key], where + '.' + key);
  } else if (!Object.is(value, expected)) throw new Error(where + ' is ' + JSON.stringify(value) + ', not ' + JSON.stringify(expected));
}
const more_ = Symbol('and so on');
export const claim = (value, text) => close(value, new Function('more_', 'return (' + text.replace(/, …\\]/g, ', more_]') + ')')(more_), text);
`;

const results = new Map<string, string>();
/** Public names, and the entry of each. */
const publicNames = new Map<string, string>();

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'feedforward'));
  const houses = 'size,color,price\n1.5,red,10\n2,blue,12\n3,red,20\n';
  for (const name of ['houses.csv', 'big.csv']) writeFileSync(join(folder, name), houses);
  writeFileSync(join(folder, 'houses.csv.gz'), gzipSync(houses));
  writeFileSync(join(folder, 'houses.jsonl'), '{"size": 1.5, "price": 10}\n{"size": 2, "price": 12}\n');
  cpSync(join(root, 'tests', 'fixtures', 'houses.parquet'), join(folder, 'houses.parquet'));
  const saved = JSON.parse(readFileSync(join(root, 'tests', 'fixtures', 'formats', 'python.json'), 'utf8')) as Record<
    string,
    Saved
  >;
  const savedBy = (tool: string) => Object.entries(saved).find(([name]) => name.startsWith(tool))![1];
  for (const tool of ['keras', 'torch'])
    writeFileSync(join(folder, `${tool}.safetensors`), Buffer.from(savedBy(tool).file!, 'base64'));
  writeFileSync(join(folder, 'mlp.json'), savedBy('sklearn').json!);
  writeFileSync(join(folder, 'claim.mjs'), claim);
  const linear = ['0', 'Linear', 'in_features=1, out_features=1, bias=True'];
  const torch = {
    tensors: { '0.weight': { shape: [1, 1], data: Float32Array.of(2) }, '0.bias': { shape: [1], data: Float32Array.of(0) } },
    metadata: { calls: JSON.stringify([linear, ['1', 'ReLU', '']]) }, // what the snippet of docs/files.md writes
  };
  writeFileSync(join(folder, 'torch.safetensors'), writeSafetensors(torch.tensors, torch.metadata));
  const names = `const all = {}; for (const entry of ${JSON.stringify(entries)}) for (const name of Object.keys(await import(entry))) all[name] ??= entry; console.log(JSON.stringify(all));`;
  writeFileSync(join(folder, 'names.mjs'), names);
  const run = (name: string) => execFileSync(process.execPath, [name], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  for (const [name, from] of Object.entries(JSON.parse(run('names.mjs')) as Record<string, string>)) publicNames.set(name, from);
  const files = [...examples.map(({ code }) => code), ...lies].map((code, k) => {
    writeFileSync(join(folder, `${k}.mjs`), moduleOf(code));
    return `./${k}.mjs`;
  });
  writeFileSync(
    join(folder, 'all.mjs'),
    `import { writeFileSync } from 'node:fs';
     const results = [];
     for (const file of ${JSON.stringify(files)}) results.push(await import(file).then(() => '', (error) => String(error?.stack ?? error)));
     writeFileSync('results.json', JSON.stringify(results));
     process.exit();`,
  );
  run('all.mjs');
  (JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as string[]).forEach((result, k) => {
    results.set(examples[k]?.where ?? lies[k - examples.length]!, result);
  });
}, 300_000);

test.each(examples)('the example at $where runs and says the truth', ({ where }) => {
  expect(results.get(where)).toBe('');
});

test.each(lies)('an example that is not true is told: %s', (lie) => {
  expect(results.get(lie)).toMatch(/is |has |not defined/);
});

test('every public function and class has an example, its own or one of its members', () => {
  const lacking = sources.flatMap((name) => {
    const text = readFileSync(join(root, 'src', name), 'utf8');
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    return source.statements.flatMap((statement) => {
      const whole = ts.isClassDeclaration(statement);
      if (!whole && !ts.isFunctionDeclaration(statement) && !ts.isVariableStatement(statement)) return [];
      if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
      const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]!.name : statement.name;
      const called = declared?.getText() ?? '';
      const documented = text.slice(statement.getFullStart(), whole ? statement.end : statement.getStart()).includes('@example');
      const overload = ts.isFunctionDeclaration(statement) && ts.getJSDocCommentsAndTags(statement).length === 0;
      return publicNames.has(called) && !documented && !overload ? [`${name}: ${called}`] : [];
    });
  });
  expect(publicNames.size).toBeGreaterThan(80);
  expect(lacking).toEqual([]);
});
