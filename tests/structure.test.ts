// The house rules: imports point down and never in a circle, layouts stay where they are drawn, nothing random but ours.
// dependency-cruiser reads the imports, types included.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Who imports whom: by file, relative to `base`. */
type Graph = Map<string, string[]>;

async function importsOf(folders: string[], base = root): Promise<Graph> {
  const { output } = await cruise(folders, {
    baseDir: base,
    tsPreCompilationDeps: true, // imports of types count
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['\\.generated\\.', '^build/', '^node:'] },
  });
  if (typeof output === 'string') throw new Error(output);
  return new Map(
    output.modules.map(({ source, dependencies }) => [source, dependencies.map(({ resolved, module }) => resolved ?? module)]),
  );
}

/** Files that import each other, through however many others: Tarjan's strongly connected components of more than one. */
function circles(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (next === file) found.push([file]);
      if (!order.has(next)) visit(next);
      if (open.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** A file's room: its folder. A file that stands right in src or assembly is a room of its own: abi.ts below, index.ts above. */
const roomOf = (file: string) => (/^(src|assembly)\/[^/]+$/.test(file) ? file : dirname(file));

/** Rooms that import each other. */
function twoWayRooms(graph: Graph): string[] {
  const pairs = new Map<string, string>();
  for (const [file, targets] of graph)
    for (const target of targets)
      if (roomOf(file) !== roomOf(target)) pairs.set(`${roomOf(file)} ${roomOf(target)}`, `${file} -> ${target}`);
  return [...pairs].flatMap(([pair, arrow]) => {
    const [from, to] = pair.split(' ') as [string, string];
    const back = pairs.get(`${to} ${from}`);
    return back !== undefined && from < to ? [`${arrow} and ${back}`] : [];
  });
}

/** Floors from the ground: a file imports from its own floor or below. */
const floors: Record<string, number> = {
  'assembly/abi.ts': 0,
  'assembly/build.ts': 0,
  'assembly/kernels': 1,
  'assembly/memory': 2,
  'assembly/functions': 3,
  'assembly/layers': 4,
  'assembly/network': 5,
  'assembly/calibrate.ts': 6,
  'assembly/description.ts': 6,
  'assembly/coalitions.ts': 7,
  'assembly/index.ts': 7,
  'assembly/integer.ts': 7,
  'assembly/predict.ts': 7,
  'src/brands.ts': 0,
  'src/errors.ts': 0,
  'src/options.ts': 0,
  'src/platform.ts': 0,
  'src/data': 1,
  'src/plan': 2,
  'src/engine': 3,
  'src/training': 3,
  'src/inspect': 4,
  'src/model': 5,
  'src/integer': 3,
  'src/formats': 6,
  'src/predict': 7,
  'src/baseline': 7,
  'src/core': 7,
  'src/mlp': 8,
  'src/estimators': 9,
  'src/worker': 9,
  'src/approximate': 10,
  'src/explain': 10,
  'src/quantize': 10,
  'src/search': 10,
  'src/report': 11,
  'src/labs': 11,
  'src/cli': 12,
  'src/entries': 13,
};

const floorOf = (file: string): number | undefined => floors[file] ?? floors[file.split('/').slice(0, 2).join('/')];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((f) => f.isFile() && f.name.endsWith('.ts') && !/\.(generated|d)\.ts$/.test(f.name))
    .map((f) => relative(root, join(f.parentPath, f.name)));
}

let graph: Graph;
beforeAll(async () => {
  graph = await importsOf(['src', 'assembly']);
}, 120_000);

describe('data of any length', () => {
  test('is spread into no call: engines refuse some 120,000 arguments', () => {
    const wrong = sources('src')
      .filter((file) => /^src\/(data|training|estimators|model|core|mlp|baseline|worker)\//.test(file))
      .flatMap((file) => {
        const lines = readFileSync(join(root, file), 'utf8').split('\n');
        return lines
          .filter((line) => /\b(push|unshift|max|min|concat|fromCharCode)\(\.\.\./.test(line))
          .map((line) => `${file}: ${line.trim()}`);
      });
    expect(wrong).toEqual([]);
  });
});

describe('values that users hand in', () => {
  /** Values that the library made itself. */
  const own =
    /this\.values as Floats|backend\.x |row instanceof Float32Array|WebAssembly\.RuntimeError|error instanceof RangeError/;

  test('are told by brands.ts, whichever realm made them, and not by instanceof a class of this one', () => {
    const builtin =
      /instanceof (Uint8|Float|Int|Big|Array|Map|Set|Date|Error|RangeError|TypeError|URL|Shared|DataView|WebAssembly|Blob|Response|Abort|Promise|RegExp)/;
    const wrong = sources('src')
      .filter((file) => !/^src\/cli\/|brands\.ts$/.test(file))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .filter((line) => builtin.test(line) && !own.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('imports', () => {
  test('were read: every source file is in the graph, and what it imports', () => {
    for (const file of [...sources('src'), ...sources('assembly')]) expect(graph.has(file), file).toBe(true);
    expect(graph.get('src/training/fit.ts')).toContain('src/training/trainer.ts'); // a type
    expect(graph.get('src/model/model.ts')).toContain('src/training/fit.ts');
  });

  test('never run in a circle, those of types neither', () => {
    expect(circles(graph)).toEqual([]);
  });

  test('point down, from floor to floor', () => {
    const wrong: string[] = [];
    for (const [file, targets] of graph) {
      const own = floorOf(file);
      if (own === undefined) continue; // packages
      for (const target of targets) {
        if (!/^(src|assembly)\//.test(target)) continue;
        expect(floorOf(target), `the floor of ${target}`).toBeDefined();
        if (file.startsWith('src/') && target === 'assembly/abi.ts') continue;
        if (floorOf(target)! > own) wrong.push(`${file} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('never go both ways between two rooms', () => {
    expect(twoWayRooms(graph)).toEqual([]);
  });

  test('cross between the two compilers in abi.ts alone', () => {
    const crossing = [...graph].flatMap(([file, targets]) =>
      file.startsWith('src/') ? targets.filter((t) => t.startsWith('assembly/') && t !== 'assembly/abi.ts') : [],
    );
    expect(crossing).toEqual([]);
    expect(
      [...graph].filter(([file, targets]) => file.startsWith('assembly/') && targets.some((t) => t.startsWith('src/'))),
    ).toEqual([]);
  });

  test('keep the baseline free of the engine, and training and the model free of any backend', () => {
    const reaching = (from: RegExp, to: RegExp) =>
      [...graph].flatMap(([file, targets]) =>
        from.test(file) ? targets.filter((t) => to.test(t)).map((t) => `${file} -> ${t}`) : [],
      );
    expect(reaching(/^src\/baseline\//, /^src\/(engine|core|mlp)\//)).toEqual([]);
    expect(reaching(/^src\/(training|inspect|model)\//, /^src\/(engine|core|mlp|baseline)\//)).toEqual([]);
    expect(reaching(/^src\/(?!engine|predict|core|mlp|worker|entries|cli)[a-z]+\//, /^src\/engine\//)).toEqual([]);
  });

  test('are refused when a circle, a two-way pair or a circle of types is planted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'planted-'));
    try {
      const plant = (name: string, text: string) => writeFileSync(join(folder, name), text);
      plant('a.ts', "import type { B } from './b.js';\nexport type A = B[];\nexport const one = 1;\n");
      plant('b.ts', "import { one } from './c.js';\nexport type B = number;\nexport const two = one + 1;\n");
      plant('c.ts', "export { one } from './a.js';\n");
      plant('d.ts', "export { two } from './b.js';\n");
      const planted = await importsOf(['a.ts', 'd.ts'], folder);
      expect(circles(planted).map((circle) => circle.sort())).toEqual([['a.ts', 'b.ts', 'c.ts']]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const pair: Graph = new Map([
      ['src/data/matrix.ts', ['src/plan/layers.ts']],
      ['src/plan/losses.ts', ['src/data/split.ts']],
      ['src/plan/layers.ts', ['src/plan/losses.ts']],
    ]);
    expect(twoWayRooms(pair)).toEqual(['src/data/matrix.ts -> src/plan/layers.ts and src/plan/losses.ts -> src/data/split.ts']);
  });
});

describe('sources', () => {
  test('nothing draws random numbers but our generator, and nothing that reaches weights asks Math for exp, log, cos or pow', () => {
    const wrong: string[] = [];
    for (const file of sources('src')) {
      const code = readFileSync(join(root, file), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      if (/Math\.random\b/.test(code)) wrong.push(`${file}: Math.random`);
      if (/src\/plan\//.test(file) && /Math\.(exp|log|cos|sin|pow|tanh)\b|\*\*/.test(code.replace(/2 \*\* \d+/g, '')))
        wrong.push(`${file}: Math`);
    }
    expect(wrong).toEqual([]);
  });

  test('nobody reaches into a model, a trainer, a backend or an estimator by the name of a private member', () => {
    const reach = /\b(?:model|trainer|backend|estimator|clone\(\)|copy|core|connection)\['\w+'\]/;
    const files = sources('src').filter((file) => file !== 'src/formats/keras.ts'); // whose models are JSON
    expect(files.filter((file) => reach.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  test('no grab-bag files', () => {
    const bags = [...sources('src'), ...sources('assembly')].filter((f) =>
      /(^|\/)(utils|helpers|misc|common|constants|types)\.ts$/.test(f),
    );
    expect(bags).toEqual([]);
  });
  test('v128 stays out of the network', () => {
    for (const file of sources('assembly/network'))
      expect(readFileSync(join(root, file), 'utf8').includes('v128'), file).toBe(false);
  });

  test('only layout.ts places buffers; the walk alone points layers at the rows in hand', () => {
    const places = (text: string) => [...text.matchAll(/\b(?:model|layer)\.(\w+) = \(?(?:at|x)\b/g)].map((m) => m[1]!);
    for (const file of sources('assembly')) {
      const found = places(readFileSync(join(root, file), 'utf8'));
      if (file === 'assembly/memory/layout.ts') expect(found).toContain('gradients');
      else expect(found, file).toEqual(file === 'assembly/network/passes.ts' ? ['x', 'z', 'y'] : []);
    }
  });

  test('index.ts only hands on: every export is from another file, or one line', () => {
    const text = readFileSync(join(root, 'assembly/index.ts'), 'utf8');
    for (const [, body] of text.matchAll(/^export function [^{]+\{\n([^}]*)\n\}/gm))
      expect(body!.split('\n').length, body).toBeLessThan(3);
  });
});
