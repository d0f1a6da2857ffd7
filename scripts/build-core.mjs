// Builds the core: two binaries (simd, relaxed) from assembly/index.ts, and for the tests the same two with every
// kernel exposed (tests/support/probe*.ts). `node scripts/build-core.mjs [--only simd,relaxed,probe-simd,probe-relaxed]`
// Output: build/*.wasm, build/core.d.ts (types), src/engine/binaries.generated.ts (the two binaries, inlined).

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { pack } from './pack-binaries.mjs';

const root = new URL('..', import.meta.url).pathname;
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : null;
const targets = ['simd', 'relaxed', 'probe-simd', 'probe-relaxed'].filter((t) => !only || only.includes(t));

mkdirSync(`${root}build`, { recursive: true });
for (const target of targets) {
  const probe = target.startsWith('probe-');
  const probes = readdirSync(`${root}tests/support`).filter((f) => /^probe.*\.ts$/.test(f));
  const entries = ['assembly/index.ts', ...(probe ? probes.map((f) => `tests/support/${f}`) : [])];
  const { error, stderr } = await asc.main([...entries, '--config', 'asconfig.json', '--target', target, '--baseDir', root], {});
  if (error) {
    console.error(String(stderr));
    process.exit(1);
  }
}

if (existsSync(`${root}build/simd.wasm`) && existsSync(`${root}build/relaxed.wasm`)) {
  const simd = readFileSync(`${root}build/simd.wasm`);
  const relaxed = readFileSync(`${root}build/relaxed.wasm`);
  const packed = pack(simd, relaxed);
  writeFileSync(
    `${root}src/engine/binaries.generated.ts`,
    `// Made by scripts/build-core.mjs: the two binaries. Not committed.\nexport const packed = ${JSON.stringify(packed)};\n`,
  );
  console.log(
    `build/simd.wasm ${simd.length} bytes, build/relaxed.wasm ${relaxed.length} bytes, packed ${packed.deflated.length} characters`,
  );
}
