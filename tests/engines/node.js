// The script in Node, Bun or Deno: prints { engine, build, digest, parts, later, around } as JSON.
//
//   node tests/engines/node.js [threads] [--around] [--pass]
//
// With --around also what surroundings.js does: threads, workers, files, the binaries' test of themselves. With --pass under V8's
// 256-bit pass, which must be on and leave V8's flags as they were.

import { createHash } from 'node:crypto';
import * as library from '../../dist/index.js';
import * as predicting from '../../dist/predict.js';
import { comparePredictions } from './predicting.js';
import { runScript } from './script.js';

const threads = Number(process.argv[2] ?? 1);
const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
const { bun, deno, node } = process.versions;
const engine = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}${process.arch === 'x64' ? '' : ` ${process.arch}`}`;
const pass = process.argv.includes('--pass');
if (pass) await (await import('./pass.js')).switchOn(library);
const result = await runScript(library, { sha256, threads });
comparePredictions(library, predicting);
const { build } = library.engineInfo();
let around;
if (process.argv.includes('--around')) {
  const [{ runSurroundings }, baseline, worker, files] = await Promise.all([
    import('./surroundings.js'),
    import('../../dist/baseline.js'),
    import('../../dist/worker.js'),
    import('../../dist/files.js'),
  ]);
  around = await runSurroundings({ library, baseline, worker, files, sha256 });
}
const words = `${engine}, ${threads === 1 ? '1 thread' : `${threads} threads`}${pass ? ', 256 bits' : ''}`;
console.log(JSON.stringify({ engine: words, build, ...result, around }));
