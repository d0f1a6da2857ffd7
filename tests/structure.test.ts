// The house rules that keep the layers apart: imports point down, layouts stay where they are drawn.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((f) => f.isFile() && f.name.endsWith('.ts') && !f.name.endsWith('.generated.ts'))
    .map((f) => relative(root, join(f.parentPath, f.name)));
}

/** Folders (or files) of the project that `file` imports from. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) => relative(root, join(root, dirname(file), m[1]!)));
}

/** 'src/data/matrix.ts' -> 'data'; files right in src -> 'src'. */
const floorOf = (path: string) => {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1]! : parts[0]!;
};

const srcFloors: Record<string, number> = {
  errors: 0,
  options: 0,
  data: 1,
  plan: 2,
  engine: 3,
  training: 3,
  inspect: 3,
  model: 3,
  formats: 4,
  mlp: 4,
  baseline: 4,
  estimators: 5,
  worker: 5,
  cli: 6,
  entries: 7,
};
const assemblyFloors: Record<string, number> = { kernels: 1, memory: 2, functions: 2, layers: 3, network: 4 };

describe('src', () => {
  test('imports only point down or sideways', () => {
    const wrong: string[] = [];
    for (const file of files('src')) {
      const own = floorOf(file);
      if (own === 'src') continue;
      for (const target of imports(file)) {
        if (target.startsWith('assembly/abi') || target.startsWith('build/')) continue;
        const other = /^src\/(errors|options)\.js$/.test(target) ? 'errors' : floorOf(target);
        expect(srcFloors, `${file} imports ${target}`).toHaveProperty(other);
        if (srcFloors[other]! > srcFloors[own]!) wrong.push(`${file} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the baseline never imports the engine, nor the model on it', () => {
    const wrong = files('src/baseline').flatMap((f) => imports(f).filter((i) => /src\/(engine|mlp)\//.test(i)));
    expect(wrong).toEqual([]);
    expect(files('src/model').flatMap((f) => imports(f).filter((i) => /src\/(engine|mlp|baseline)\//.test(i)))).toEqual([]);
  });

  test('nothing draws random numbers but our generator, and nothing that reaches weights asks Math for exp, log, cos or pow', () => {
    const wrong: string[] = [];
    for (const file of files('src')) {
      const code = readFileSync(join(root, file), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      if (/Math\.random\b/.test(code)) wrong.push(`${file}: Math.random`);
      if (/src\/plan\//.test(file) && /Math\.(exp|log|cos|sin|pow|tanh)\b|\*\*/.test(code.replace(/2 \*\* \d+/g, '')))
        wrong.push(`${file}: Math`);
    }
    expect(wrong).toEqual([]);
  });

  test('only abi.ts crosses between the two compilers', () => {
    const crossing = files('src').flatMap((f) => imports(f).filter((i) => i.startsWith('assembly/') && i !== 'assembly/abi.js'));
    expect(crossing).toEqual([]);
  });

  test('no grab-bag files', () => {
    const bags = [...files('src'), ...files('assembly')].filter((f) =>
      /(^|\/)(utils|helpers|misc|common|constants|types)\.ts$/.test(f),
    );
    expect(bags).toEqual([]);
  });
});

describe('assembly', () => {
  test('imports only point down or sideways, and kernels know nothing of models', () => {
    const wrong: string[] = [];
    for (const file of files('assembly')) {
      const own = floorOf(file);
      if (own === 'assembly') continue;
      for (const target of imports(file)) {
        const other = floorOf(target);
        if (other === 'assembly') continue; // abi
        // memory/layout.ts asks functions which buffers a rule needs: the two share a floor
        if (assemblyFloors[other]! > assemblyFloors[own]!) wrong.push(`${file} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('v128 stays out of the network, and only layout.ts places pointers', () => {
    for (const file of files('assembly/network')) {
      const text = readFileSync(join(root, file), 'utf8');
      if (file.endsWith('training.ts')) continue; // max-norm sweeps weights
      expect(text.includes('v128'), file).toBe(false);
    }
  });
});
