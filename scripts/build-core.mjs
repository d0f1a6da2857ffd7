// Builds the core: two binaries (simd, relaxed) from assembly/index.ts, and for the tests the same two with every
// kernel exposed (tests/support/probe*.ts). `node scripts/build-core.mjs [--only simd,relaxed,probe-simd,probe-relaxed]`
// Output: build/*.wasm, build/core.d.ts (types), src/engine/binaries.generated.ts (the two binaries, inlined).

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url).pathname;
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : null;
const targets = ['simd', 'relaxed', 'probe-simd', 'probe-relaxed'].filter((t) => !only || only.includes(t));

mkdirSync(`${root}build`, { recursive: true });
for (const target of targets) {
  const probe = target.startsWith('probe-');
  const probes = readdirSync(`${root}tests/support`).filter((f) => /^probe.*\.ts$/.test(f));
  const entries = ['assembly/index.ts', ...(probe ? probes.map((f) => `tests/support/${f}`) : [])];
  const { error, stderr } = await asc.main(
    [...entries, '--config', 'asconfig.json', '--target', target, '--baseDir', root],
    {},
  );
  if (error) {
    console.error(String(stderr));
    process.exit(1);
  }
}

if (existsSync(`${root}build/simd.wasm`) && existsSync(`${root}build/relaxed.wasm`)) {
  const inline = (name) => {
    const bytes = readFileSync(`${root}build/${name}.wasm`);
    return { bytes: bytes.length, text: deflateRawSync(bytes, { level: 9 }).toString('base64') };
  };
  const simd = inline('simd');
  const relaxed = inline('relaxed');
  writeFileSync(
    `${root}src/engine/binaries.generated.ts`,
    `// Made by scripts/build-core.mjs: the two binaries, deflated, in base64. Not committed.\n` +
      `export const simd = { byteLength: ${simd.bytes}, deflated: '${simd.text}' };\n` +
      `export const relaxed = { byteLength: ${relaxed.bytes}, deflated: '${relaxed.text}' };\n`,
  );
  for (const [name, { bytes }] of Object.entries({ simd, relaxed })) console.log(`build/${name}.wasm  ${bytes} bytes`);
}
