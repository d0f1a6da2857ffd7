// Who takes part: how each engine is started, what it is called in the tables, and which bundle it costs a page.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;

/** kind 'own' is this library ('plain' without its core), 'js' and 'native' its peers, 'limit' what hand-written C reaches. */
export const ENGINES = {
  feedforward: { kind: 'own', label: 'feedforward' },
  'feedforward:revectorized': { kind: 'own', label: 'feedforward, 256-bit pass' },
  'feedforward:deterministic': { kind: 'own', label: 'feedforward, deterministic' },
  'feedforward:baseline': { kind: 'plain', label: 'feedforward, its plain JS' },
  jax: { kind: 'js', label: 'jax-js wasm, jit' },
  'tfjs:wasm': { kind: 'js', label: 'tfjs wasm' },
  'tfjs:cpu': { kind: 'js', label: 'tfjs cpu' },
  'onnxruntime:web': { kind: 'js', label: 'onnxruntime-web' },
  brain: { kind: 'js', label: 'brain.js' },
  naive: { kind: 'js', label: 'plain JS, naive loops' },
  'onnxruntime:node': { kind: 'native', label: 'onnxruntime-node' },
  torch: { kind: 'native', label: 'PyTorch' },
  sklearn: { kind: 'native', label: 'scikit-learn' },
  numpy: { kind: 'native', label: 'numpy by hand' },
  native: { kind: 'limit', label: 'C + OpenBLAS by hand' },
  'native:sse': { kind: 'limit', label: 'C + OpenBLAS held to SSE' },
};

/** { command, args, env } of an engine's process, or throws saying why there is none. */
export function start(name, { node, nodeFlags, python, folder }) {
  const one = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  if (name.startsWith('native')) {
    const binary = compile(folder);
    return { command: binary, args: [folder], env: name.endsWith('sse') ? { ...one, OPENBLAS_CORETYPE: 'Nehalem' } : one };
  }
  if (['numpy', 'torch', 'sklearn'].includes(name)) {
    if (!existsSync(python)) throw new Error(`no ${python}`);
    return { command: python, args: ['-B', `${here}child.py`, name, folder], env: one };
  }
  return { command: node, args: [...nodeFlags, `${here}child.mjs`, name, folder], env: {} };
}

function compile(folder) {
  const binary = `${folder}/native`;
  if (existsSync(binary)) return binary;
  const args = ['-O3', '-march=native', '-ffast-math', `${here}native.c`, '-o', binary, '-lopenblas', '-lm'];
  try {
    execFileSync('gcc', args, { stdio: 'pipe' });
  } catch (error) {
    throw new Error(error.code === 'ENOENT' ? 'no gcc' : `does not compile (libopenblas-dev?): ${firstLine(error.stderr)}`);
  }
  return binary;
}

/** What a page downloads: an entry to bundle, and the WebAssembly files it fetches. */
export const BUNDLES = {
  feedforward: { entry: "export * from '../../dist/index.js';" },
  jax: { entry: "export * from '@jax-js/jax';" },
  'tfjs:wasm': {
    entry: "export * from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-wasm';",
    files: ['@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  },
  'tfjs:cpu': { entry: "export * from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-cpu';" },
  'onnxruntime:web': {
    entry: "export * from 'onnxruntime-web/wasm';",
    files: ['onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'],
  },
  brain: { entry: "import 'brain.js/browser.min.js';" }, // its own bundle; the entry needs Node's streams
};

export function firstLine(text) {
  return (
    String(text)
      .split('\n')
      .find((line) => line.trim()) ?? ''
  );
}
