// Blocks of code in README.md, docs/ and site/pages: the compiler reads them against the built declarations, all in one program, so that a
// name that is not imported, an option that is mistyped or a member that is gone fails here. Needs a build in dist.
// Blocks that other tests run as they stand are left to those: JavaScript may do what the types of a guess from its literals do not allow.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Block {
  readonly file: string;
  /** Where its fence stands. */
  readonly line: number;
  readonly text: string;
}

/** Pages whose blocks all run in tests of their own. */
const run = ['docs/search.md'];
const files = [
  'README.md',
  ...['docs', 'site/pages'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
];
const blocks = files
  .filter((name) => name.endsWith('.md') && !run.includes(name))
  .flatMap((name) => {
    const page = readFileSync(join(root, name), 'utf8');
    return [...page.matchAll(/^```(?:js|ts|javascript|typescript)\b(?! run).*\n([\s\S]*?)^```/gm)].map((match): Block => {
      const line = page.slice(0, match.index).split('\n').length;
      return { file: name, line, text: match[1]! };
    });
  });

/** What blocks are about that do not say where it comes from: a table, rows, a model trained before. Whatever has a type has it here. */
const given = `
declare global {
  const X: import('feedforward').MatrixLike, XNew: typeof X, XKept: typeof X, XTrain: typeof X, XTest: typeof X;
  const y: number[], yKept: typeof y, yTrain: typeof y, yTest: typeof y, prices: typeof y, answers: typeof y;
  const rows: Record<string, string | number>[], labels: string[];
  const table: import('feedforward').Table;
  const model: import('feedforward').MLP, clf: import('feedforward').MLPClassifier, reg: import('feedforward').MLPRegressor;
  const bytes: Uint8Array<ArrayBuffer>;
  /** The example's own function. */
  function range(speed: number, angle: number, drag: number): number;
}
`;
/** What bundlers make of a file that is imported. */
const bundled = `declare module 'feedforward/simd.wasm' {
  const wasm: WebAssembly.Module;
  export default wasm;
}
`;

test('every block of code compiles against the package', { timeout: 120_000 }, () => {
  const place = join(root, 'docs', 'blocks');
  const files = new Map([
    [join(place, 'given.d.ts'), `${given}export {};\n`],
    [join(place, 'bundled.d.ts'), bundled],
  ]);
  blocks.forEach(({ text }, k) => files.set(join(place, `${k}.ts`), `${text}\nexport {};\n`));
  const options: ts.CompilerOptions = {
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ...{ lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], types: ['node'] },
    ...{ noEmit: true, skipLibCheck: true, strict: false },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...more) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, target, ...more) : ts.createSourceFile(name, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const wrong = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  const told = wrong.map(({ file, start, messageText }) => {
    const block = blocks[Number(/(\d+)\.ts$/.exec(file?.fileName ?? '')?.[1])];
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start!).line;
    return `${block === undefined ? file?.fileName : `${block.file}:${block.line + 1 + line}`}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(blocks.length).toBeGreaterThan(35);
  expect(told).toEqual([]);
});
