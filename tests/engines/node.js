// The script in Node, Bun or Deno: prints { engine, digest, parts } as JSON. `node tests/engines/node.js [threads]`

import { createHash } from 'node:crypto';
import * as library from '../../dist/index.js';
import { runScript } from './script.js';

const threads = Number(process.argv[2] ?? 1);
const sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');
const engine = process.versions.bun
  ? `Bun ${process.versions.bun}`
  : process.versions.deno
    ? `Deno ${process.versions.deno}`
    : `Node ${process.versions.node}`;
const result = await runScript(library, { sha256, threads });
console.log(
  JSON.stringify({
    engine: `${engine}, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    build: library.engineInfo().build,
    ...result,
  }),
);
