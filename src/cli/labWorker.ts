// The worker thread of `feedforward lab`: loads a student's file, whatever way it is a module, and holds it against its lab.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { measureEnergy } from '../inspect/energy.js';
import { checkLab } from '../labs/checkLab.js';
import { experiment } from '../labs/experiment.js';
import { labs } from '../labs/lessons/labs.js';
import type { ScaledNetwork } from '../labs/proxy.js';
import { textOf, type StudentModule } from '../labs/student.js';
import { MLP } from '../mlp/mlp.js';
import { dense } from '../plan/layers.js';
import { adam } from '../plan/optimizers.js';
import { cosineDecay } from '../plan/schedules.js';
import type { LabMessage, LabTask } from './labRun.js';

const { lab: number, path, copy, seed, explore } = workerData as LabTask;
const lab = labs.find((one) => one.number === number)!;
const say = (message: LabMessage) => parentPort!.postMessage(message);

type TypeScript = typeof import('typescript');

/** The compiler, where there is one: that of the student's folder, or of ours. */
function findTypeScript(): TypeScript | undefined {
  for (const from of [path, import.meta.url])
    try {
      const found = createRequire(from)('typescript') as Partial<TypeScript>;
      if (found.transpileModule !== undefined) return found as TypeScript;
    } catch {
      // not there
    }
  return undefined;
}

/** Its text as a module in a file beside it, or, where none can be written, as an address that holds it. */
function importText(text: string): Promise<StudentModule> {
  try {
    writeFileSync(copy, text, { flag: 'wx' });
    return import(pathToFileURL(copy).href) as Promise<StudentModule>;
  } catch {
    return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`) as Promise<StudentModule>;
  }
}

const importFile = () => import(pathToFileURL(path).href) as Promise<StudentModule>;

/** JavaScript: as Node takes it; a .js that Node takes for CommonJS although it has exports, as the module it is. */
async function loadJavaScript(): Promise<StudentModule> {
  try {
    return await importFile();
  } catch (error) {
    const esm = path.endsWith('.js') && /Unexpected token 'export'|Cannot use import statement/.test(textOf(error));
    if (!esm) throw error;
    return importText(readFileSync(path, 'utf8'));
  }
}

/** TypeScript: by Node, where it leaves types out itself (from 22.18 on); else, and for what it does not leave out (enums), by the compiler. */
async function loadTypeScript(): Promise<StudentModule | undefined> {
  if ((process.features as { typescript?: unknown }).typescript)
    try {
      return await importFile();
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw error;
    }
  const ts = findTypeScript();
  if (ts === undefined) return undefined;
  const { outputText, diagnostics } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: basename(path),
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, inlineSourceMap: true },
  });
  const [wrong] = diagnostics ?? [];
  if (wrong !== undefined) {
    const line = wrong.file === undefined ? '' : `line ${1 + wrong.file.getLineAndCharacterOfPosition(wrong.start ?? 0).line}: `;
    throw new SyntaxError(`${line}${ts.flattenDiagnosticMessageText(wrong.messageText, ' ')}`);
  }
  return importText(outputText);
}

/** "line 12", of the student's file or its copy. */
function where(error: unknown): string | undefined {
  const stack = String((error as { stack?: unknown } | undefined)?.stack);
  const names = [basename(path), basename(copy)].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const line = new RegExp(`(?:${names.join('|')}|text/javascript[^\\s:]*):(\\d+)`).exec(decodeURI(stack))?.[1];
  return line === undefined ? undefined : `line ${line}`;
}

/** Where a module in JavaScript breaks the grammar, which its error does not say: another Node is asked. */
function whereInGrammar(): string | undefined {
  try {
    writeFileSync(copy, readFileSync(path));
    const { stderr } = spawnSync(process.execPath, ['--check', copy], { encoding: 'utf8' });
    const line = /:(\d+)\r?\n/.exec(stderr)?.[1];
    return line === undefined ? undefined : `line ${line}`;
  } catch {
    return undefined;
  }
}

/** Why the file cannot be loaded. */
function refusal(error: unknown): string {
  const text = textOf(error).replace(/\.$/, '');
  const grammar = text.startsWith('SyntaxError') && /\.m?js$/.test(path);
  const line = / line \d/.test(text) ? undefined : (where(error) ?? (grammar ? whereInGrammar() : undefined));
  return `${basename(path)} cannot be loaded: ${text}${line === undefined ? '' : ` (${line})`}.`;
}

async function run(): Promise<LabMessage> {
  say({ kind: 'loading' });
  let module: StudentModule | undefined;
  try {
    module = await (/\.m?ts$/.test(path) ? loadTypeScript() : loadJavaScript());
  } catch (error) {
    return { kind: 'broken', failure: { message: refusal(error), about: '' } };
  }
  if (module === undefined)
    return {
      kind: 'unsupported',
      message: `${basename(path)}: Node ${process.versions.node} does not run TypeScript by itself. npm install typescript beside it, or use Node 22.18 or later.`,
    };
  const verdict = checkLab(lab, module, { seed, where, onCall: (name, about) => say({ kind: 'call', name, about }) });
  if (!(explore && verdict.passed && lab.number === 6)) return { kind: 'verdict', verdict, more: false };
  say({ kind: 'verdict', verdict, more: true });
  return { kind: 'findings', findings: await experiment(module, { learn, measure: measureEnergy }).catch(() => undefined) };
}

/** A network 2-32-32-1 that has learnt for 300 epochs, in WebAssembly. */
function learn(X: number[][], y: number[]): ScaledNetwork {
  const inputs = X[0]!.length;
  const hidden = () => dense(32, { activation: 'softplus' });
  const epochs = 300;
  const optimizer = adam({ learningRate: cosineDecay(1e-2, { over: epochs }) });
  const model = new MLP({ inputs, layers: [hidden(), hidden(), dense(1)], optimizer, seed: 1 });
  model.fitSync(X, y, { epochs, batchSize: 32 });
  return { value: (x) => model.predict([x]).data[0]!, gradient: (x) => Array.from(model.inputGradient([x]).data) };
}

say(await run());
