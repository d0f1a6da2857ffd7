// Builds the core: the relaxed binary from assembly/index.ts, the unpacker, which makes the simd binary from it, and for the
// tests both with every kernel exposed (tests/support/probe*.ts), compiled each on its own.
// `node scripts/build-core.mjs [--only relaxed,unpack,reading,predict,integer,coalitions,probe-simd,probe-relaxed]`
// Output: assembly/kernels/tiles.generated.ts (the register tiles), build/*.wasm, build/*.d.ts (types),
// src/engine/binaries.generated.ts (the packed core, inlined), src/explain/coalitions.generated.ts (the module of explanations), src/predict/core.generated.ts (the core that only predicts, as text, and what reads that), back.generated.ts (its walk back) and parts.generated.ts (what its functions are of).

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { pack } from '../tools/unpack/pack.mjs';
import { partsOf, splitCore, withFewerCalls, withoutNames } from './core-parts.mjs';
import { fusable, printCore, write } from './print-core.mjs';
import { withoutDots } from './relaxed-dots.mjs';
import { generate } from './tiles.mjs';

const root = new URL('..', import.meta.url).pathname;
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : null;
const targets = ['unpack', 'relaxed', 'reading', 'predict', 'integer', 'coalitions', 'probe-simd', 'probe-relaxed'].filter(
  (t) =>
    !only ||
    only.includes(t) ||
    (t === 'unpack' && only.some((other) => other === 'relaxed' || other === 'predict')) ||
    (t === 'reading' && only.includes('predict')),
);

mkdirSync(`${root}build`, { recursive: true });
writeFileSync(`${root}assembly/kernels/tiles.generated.ts`, generate());
for (const target of targets) {
  const probe = target.startsWith('probe-');
  const probes = readdirSync(`${root}tests/support`).filter((f) => /^probe.*\.ts$/.test(f));
  const entries = [
    {
      unpack: 'tools/unpack/unpack.ts',
      predict: 'assembly/predict.ts',
      reading: 'assembly/reading.ts',
      integer: 'assembly/integer.ts',
      coalitions: 'assembly/coalitions.ts',
    }[target] ?? 'assembly/index.ts',
    ...(probe ? probes.map((f) => `tests/support/${f}`) : []),
  ];
  // The core that only predicts is taken apart by the names of its functions.
  const named = target === 'predict' ? ['--debug', '--transform', `${root}scripts/keep-parts.mjs`] : [];
  const settings = ['--config', 'asconfig.json', '--target', target, '--baseDir', root];
  const { error, stderr } = await asc.main([...entries, ...settings, ...named], {});
  if (error) {
    console.error(String(stderr));
    process.exit(1);
  }
}

if (targets.includes('relaxed')) {
  const { packed, simd } = await pack(readFileSync(`${root}build/unpack.wasm`), readFileSync(`${root}build/relaxed.wasm`));
  writeFileSync(`${root}build/simd.wasm`, simd);
  writeFileSync(
    `${root}src/engine/binaries.generated.ts`,
    `// Made by scripts/build-core.mjs: the packed core. Not committed.\nexport const packed = ${JSON.stringify(packed)};\n`,
  );
  const inlined = packed.core.length + packed.unpacker.length;
  console.log(
    `build/relaxed.wasm ${packed.relaxed} bytes, build/simd.wasm ${packed.simd} bytes, inlined in ${inlined} characters`,
  );
}

if (targets.includes('predict')) {
  const named = withFewerCalls(readFileSync(`${root}build/predict.wasm`));
  const relaxed = withoutNames(Buffer.from(named));
  const { simd } = await pack(readFileSync(`${root}build/unpack.wasm`), relaxed);
  if (!fusable(simd, relaxed)) throw new Error('The multiply-adds of the predicting core cannot all be found in its simd build.');
  writeFileSync(`${root}build/predict.wasm`, simd);
  const { light, back, code, head, functions } = splitCore(simd, named);
  const written = (bytes) => {
    const { text, first, alphabet } = printCore(bytes);
    return { text, alphabet, first, size: bytes.length };
  };
  mkdirSync(`${root}src/predict`, { recursive: true });
  const core = written(light);
  const reading = write(readFileSync(`${root}build/reading.wasm`), core.first, core.alphabet);
  writeFileSync(
    `${root}src/predict/core.generated.ts`,
    `// Made by scripts/build-core.mjs: the core that only predicts, without its walk back, as scripts/print-core.mjs prints it, and what reads it, in the\n// same alphabet. Not committed. One object, which bundlers leave where it stands: at the start, where gzip makes least of it.\nexport const core = ${JSON.stringify({ reading, ...core })};\n`,
  );
  writeFileSync(
    `${root}src/predict/back.generated.ts`,
    `// Made by scripts/build-core.mjs: the functions of the walk back, which src/predict/wholeCore.ts puts into the core. Not committed.\nexport const back = ${JSON.stringify({ ...written(back), code, head, functions, whole: simd.length })};\n`,
  );
  writeFileSync(
    `${root}src/predict/parts.generated.ts`,
    `// Made by scripts/build-core.mjs: the functions of the core that only predicts, as scripts/core-parts.mjs tells them apart. Not committed.\nexport const parts = ${JSON.stringify(partsOf(named))};\n`,
  );
  console.log(`build/predict.wasm ${simd.length} bytes, of which ${light.length} without the walk back`);
}

if (targets.includes('integer')) {
  const { bytes, places } = withoutDots(readFileSync(`${root}build/integer.wasm`));
  writeFileSync(`${root}build/integer.wasm`, bytes);
  mkdirSync(`${root}src/integer`, { recursive: true });
  writeFileSync(
    `${root}src/integer/kernel.generated.ts`,
    `// Made by scripts/build-core.mjs: the dense layers of integer models, and where the relaxed dot products go. Not committed.\nexport const kernel = ${JSON.stringify({ text: Buffer.from(bytes).toString('base64'), places })};\n`,
  );
  console.log(`build/integer.wasm ${bytes.length} bytes`);
}

if (targets.includes('coalitions')) {
  const module = readFileSync(`${root}build/coalitions.wasm`);
  writeFileSync(
    `${root}src/explain/coalitions.generated.ts`,
    `// Made by scripts/build-core.mjs: networks on many coalitions at a time. Not committed.\nexport const module = '${module.toString('base64')}';\n`,
  );
  console.log(`build/coalitions.wasm ${module.length} bytes`);
}
