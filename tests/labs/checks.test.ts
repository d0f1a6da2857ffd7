// What the labs say of answers that are no numbers, of code that does odd things, and what they go by themselves.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { normalDistribution } from '../../src/data/special.js';
import { checkLab } from '../../src/labs/checkLab.js';
import { labs } from '../../src/labs/lessons/labs.js';
import { Draw, shapes } from '../../src/labs/network.js';
import { Oracle } from '../../src/labs/oracle.js';
import { simulate } from '../../src/labs/proxy.js';
import { skeletonOf } from '../../src/labs/skeleton.js';
import type { StudentModule } from '../../src/labs/student.js';
import { backward, forward } from '../../src/labs/textbook.js';
import { failureOf, labOf, load, solutionOf, toJavaScript } from '../support/labs.js';

interface Answer {
  zetas: number[][];
  alphas: number[][];
}

/** What is said of lab 1 with other functions in it. */
const told = async (changes: StudentModule) =>
  failureOf(checkLab(labOf(1), { ...(await load(toJavaScript(solutionOf(labOf(1))))), ...changes }));

describe('an answer', () => {
  const right = async () => (await load(toJavaScript(solutionOf(labOf(1))))) as Record<string, (...args: unknown[]) => Answer>;

  test('of the wrong form is described', async () => {
    const { forward: solved } = await right();
    for (const [answer, message] of [
      [() => undefined, 'forward returned undefined.'],
      [() => null, 'the answer of forward is null, expected an object { zetas, alphas }.'],
      [() => 3, 'the answer of forward is the number 3, expected an object { zetas, alphas }.'],
      [() => ({ zetas: [] }), 'zetas has length 0, expected 3.'],
      [() => ({ zetas: [[], [], []] }), 'zeta of layer 1: zetas[0] has length 0, expected 3.'],
      [() => ({ zetas: { 0: [1] } }), 'zetas is an object { 0 }, expected a list of 3.'],
      [async () => ({ zetas: [] }), 'forward returned a Promise, expected the answer itself.'],
      [(...args: unknown[]) => ({ zetas: solved!(...args).zetas }), 'alphas is undefined, expected a list of 3.'],
      [
        (...args: unknown[]) => ({ ...solved!(...args), zetas: solved!(...args).zetas.map((z: number[]) => z.map(String)) }),
        /^zeta of layer 1: zetas\[0\]\[0\] is the text "-?[\d.]+", expected a number\.$/,
      ],
      [
        (...args: unknown[]) => ({
          ...solved!(...args),
          zetas: solved!(...args).zetas.map((z: number[]) => Float32Array.from(z)),
        }),
        /zetas\[0\] is a Float32Array, which keeps 7 digits of 16/,
      ],
      [
        (...args: unknown[]) => ({ ...solved!(...args), zetas: solved!(...args).zetas.map((z: number[]) => z.map(() => 10n)) }),
        /is a bigint, expected a number/,
      ],
      [
        () => ({
          get zetas() {
            throw new Error('no');
          },
        }),
        'the answer of forward cannot be read: Error: no.',
      ],
      [
        () =>
          new Proxy(
            {},
            {
              get: () => {
                throw null;
              },
            },
          ),
        'the answer of forward cannot be read: null.',
      ],
      [() => 'zetas', 'the answer of forward is the text "zetas", expected an object { zetas, alphas }.'],
    ] as const) {
      const failure = await told({ forward: answer });
      expect(failure!.function).toBe('forward');
      if (typeof message === 'string') expect(failure!.message).toBe(message);
      else expect(failure!.message).toMatch(message);
    }
  });

  test('in lists of float64 is as good as any; a matrix the wrong way round is told', async () => {
    const { forward: solved, product } = await right();
    const typed = (...args: unknown[]) => {
      const { zetas, alphas } = solved!(...args);
      return { zetas: zetas.map((z: number[]) => Float64Array.from(z)), alphas };
    };
    expect(await told({ forward: typed })).toBeUndefined();
    const turned = (A: number[][], B: number[][]) => {
      const C = product!(A, B) as unknown as number[][];
      return C[0]!.map((_, j) => C.map((row) => row[j]!));
    };
    expect((await told({ product: turned }))!.message).toMatch(/is wrong|the wrong way round/);
  });

  test('that no mistake gives: NaN, zeros, a sign or a factor are told', async () => {
    const { forward: solved } = await right();
    const scaled =
      (factor: number) =>
      (...args: unknown[]) => {
        const { zetas, alphas } = solved!(...args);
        return { zetas: zetas.map((z: number[]) => z.map((value) => factor * value)), alphas };
      };
    expect(await told({ forward: scaled(Number.NaN) })).toMatchObject({ mistake: expect.stringContaining('(NaN)') });
    expect(await told({ forward: scaled(0) })).toMatchObject({ mistake: 'every number of it is 0' });
    expect(await told({ forward: scaled(-1) })).toMatchObject({ mistake: 'every number of it has the wrong sign' });
    expect(await told({ forward: scaled(3) })).toMatchObject({ mistake: 'every number of it is 3 times what it should be' });
    const other = await told({ forward: scaled(1 + 1e-10) });
    expect(other!.message).toMatch(/your code gives -?\d\.\d{10,}, expected -?\d\.\d{10,}/); // as many digits as tell them apart
    expect(await told({ forward: scaled(1 + 1e-14) })).toBeUndefined();
  });

  test('that comes with changed arguments is refused with their place', async () => {
    const { forward: solved } = await right();
    const failure = await told({
      forward: (layers: { W: number[][] }[], x: number[]) => {
        const answer = solved!(layers, x);
        layers[1]!.W[0]![2] = 0;
        return answer;
      },
    });
    expect(failure!.message).toBe('forward changed what it was given: argument 1, at [1].W[0][2].');
    expect(
      (await told({
        forward: (layers: unknown, x: number[]) => {
          const a = solved!(layers, [...x]);
          x.push(1);
          return a;
        },
      }))!.message,
    ).toBe('forward changed what it was given: argument 2 is another one.');
  });

  test('is missing where a function is, or has another name', async () => {
    expect(await told({ forward: undefined })).toMatchObject({
      message: 'the file exports no function forward.',
      hint: expect.stringContaining('export'),
    });
    expect((await told({ forward: undefined, foward: () => 1 }))!.hint).toBe('It exports foward: is that the one?');
    expect((await told({ forward: 3 }))!.message).toBe('forward is the number 3, expected a function.');
    const recursive = (): unknown => recursive();
    expect((await told({ forward: recursive }))!.message).toBe('forward calls itself without end.');
    expect(
      (await told({
        forward: () => {
          throw 'a text';
        },
      }))!.message,
    ).toBe('forward threw the text "a text".');
  });
});

describe('whatever functions return', () => {
  test.each(labs)('lab $number gives a verdict, and never passes', (lab) => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: lab.checks.length - 1 }), (value, at) => {
        // The functions before are taken to be right: only this one is looked at.
        const only = { ...lab, checks: lab.checks.slice(at) };
        const verdict = checkLab(only, { [only.checks[0]!.function]: () => value });
        expect(verdict.passed).toBe(false);
        expect(failureOf(verdict)!.message).toMatch(/\.$/);
        expect(() => JSON.stringify(verdict)).not.toThrow();
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test.each(labs)('lab $number refuses an answer with one number of the right one changed, wherever that is', async (lab) => {
    const solved = (await load(toJavaScript(solutionOf(lab)))) as Record<string, (...args: unknown[]) => unknown>;
    for (const { function: name } of lab.checks)
      for (const turn of [0, 1, 2, 5]) {
        const nudged = (...args: unknown[]) => {
          let seen = 0;
          const walk = (value: unknown): unknown => {
            if (typeof value === 'number') return seen++ === turn ? value + 1e-9 * Math.max(1, Math.abs(value)) : value;
            if (Array.isArray(value)) return value.map(walk);
            if (typeof value !== 'object' || value === null) return value;
            return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
          };
          const answer = walk(solved[name]!(...args));
          changed ||= seen > turn;
          return answer;
        };
        let changed = false;
        const failure = failureOf(checkLab(lab, { ...solved, [name]: nudged }));
        if (changed) expect([name, turn, failure?.function]).toEqual([name, turn, name]);
      }
  });
});

test('the textbook without a mistake gives what the baseline gives in float64', () => {
  const draw = new Draw(3, 'textbook');
  for (const shape of [...shapes(draw), ...shapes(draw)]) {
    const network = draw.network(shape);
    const x = draw.list(shape.widths[0]!);
    const t = draw.list(shape.widths.at(-1)!);
    const oracle = new Oracle(network);
    const { zetas, alphas } = oracle.forward([x]);
    const off = (a: unknown, b: unknown) => {
      const [left, right] = [JSON.stringify(a), JSON.stringify(b)].map((text) => text.match(/-?\d[\d.e+-]*/g)!.map(Number));
      expect(left!.length).toBe(right!.length);
      return Math.max(...left!.map((value, i) => Math.abs(value - right![i]!)));
    };
    const passes = forward(network, x);
    expect(
      off(
        passes.zetas,
        zetas.map(([row]) => row),
      ),
    ).toBeLessThan(1e-14);
    expect(
      off(
        passes.alphas,
        alphas.map(([row]) => row),
      ),
    ).toBeLessThan(1e-14);
    expect(off(backward(network, x, t), oracle.backward([x], [t]))).toBeLessThan(1e-14);
  }
});

test('the checks know nothing of Node, threads or terminals', () => {
  const room = join(import.meta.dirname, '..', '..', 'src', 'labs');
  for (const file of readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')))
    expect(readFileSync(join(room, file), 'utf8').replace(/skeleton = `[\s\S]*`;/, ''), file).not.toMatch(
      /node:|\bprocess\.|console\.|\.\.\/cli\//,
    );
});

test('skeletons and solutions in TypeScript have no type errors, under strict rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labs-types-'));
  try {
    const files = labs.flatMap((lab) => {
      const file = join(folder, `${lab.file}.ts`);
      writeFileSync(file, skeletonOf(lab, 'typescript'));
      return [file, join(import.meta.dirname, 'solutions', `${lab.file}.ts`)];
    });
    const options = { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, types: [] };
    const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
    expect(
      found.map(
        ({ file, start, messageText }) => `${file?.fileName} ${start}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      ),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the simulation of lab 6 gives what Black and Scholes give, within its standard error', () => {
  const option = { spot: 100, strike: 105, rate: 0.04, volatility: 0.25, maturity: 1.5 };
  const { price, standardError } = simulate(option, new Draw(2, 'a long simulation').normals(200_000));
  const root = option.volatility * Math.sqrt(option.maturity);
  const d1 = (Math.log(option.spot / option.strike) + (option.rate + option.volatility ** 2 / 2) * option.maturity) / root;
  const discount = Math.exp(-option.rate * option.maturity);
  const exact = option.spot * normalDistribution(d1) - option.strike * discount * normalDistribution(d1 - root);
  expect(Math.abs(price - exact)).toBeLessThan(3 * standardError); // once in 370 seeds it would not
  expect(standardError).toBeLessThan(0.05);
});
