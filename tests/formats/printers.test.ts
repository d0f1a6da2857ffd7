// The two printers of expressions against the float64 evaluator, on random expressions: brackets, order of operations and
// every operation, whether an activation of today uses it or not.

import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { evaluate } from '../../src/formats/expression/evaluate.js';
import { javascriptFunctions, printJavaScript } from '../../src/formats/expression/javascript.js';
import { printOnnx } from '../../src/formats/expression/onnx.js';
import { DataType, type NodeMessage, type TensorMessage, writeModel } from '../../src/formats/onnx/messages.js';
import type { BinaryOperation, Expression, UnaryOperation } from '../../src/plan/expressions.js';

// Records, so that the compiler asks for a new operation here.
const unary = Object.keys({
  abs: 1,
  sign: 1,
  expm1: 1,
  sigmoid: 1,
  tanh: 1,
  softplus: 1,
  erf: 1,
  normalCdf: 1,
} satisfies Record<UnaryOperation, 1>) as UnaryOperation[];
const binary = Object.keys({ add: 1, mul: 1, div: 1, min: 1, max: 1 } satisfies Record<BinaryOperation, 1>) as BinaryOperation[];

const SLOPE = 0.25;

function randomExpression(random: Random, depth: number): Expression {
  const kind = depth === 0 ? random.below(3) : 3 + random.below(5);
  const inner = () => randomExpression(random, random.below(depth));
  if (kind === 0) return { operation: 'number', value: Math.round(random.normal() * 8) / 4 };
  if (kind === 1) return { operation: 'unitSlope' };
  if (kind === 2) return { operation: 'z' };
  if (kind < 5) return { operation: unary[random.below(unary.length)]!, x: inner() };
  if (kind < 7) return { operation: binary[random.below(binary.length)]!, x: inner(), y: inner() };
  return { operation: 'choose', x: inner(), above: inner(), below: inner() };
}

const random = new Random(1, 'printers');
const grid = [-6, -2.5, -1, -0.125, 0, 0.5, 1, 3.25, 7];

/** Whether an expression's value at z hangs on no rounding: no jump near, nothing divided by almost 0, nothing large inside. */
function tame(e: Expression, z: number): boolean {
  if (!(Math.abs(evaluate(e, z, SLOPE)) < 100)) return false;
  if (!('x' in e)) return true;
  const x = evaluate(e.x, z, SLOPE);
  const jumps = e.operation === 'sign' || e.operation === 'choose';
  if (jumps && e.x.operation !== 'z' && !(Math.abs(x) > 1e-3)) return false;
  if (e.operation === 'div' && !(Math.abs(evaluate(e.y, z, SLOPE)) > 0.05)) return false;
  const inner = 'y' in e ? [e.x, e.y] : e.operation === 'choose' ? [e.x, e.above, e.below] : [e.x];
  return inner.every((part) => tame(part, z));
}

/** Each operation alone on z, and random trees of them. */
const expressions: Expression[] = [
  ...unary.map((operation): Expression => ({ operation, x: { operation: 'z' } })),
  ...binary.map((operation): Expression => ({ operation, x: { operation: 'z' }, y: { operation: 'unitSlope' } })),
];
while (expressions.length < 300) {
  const expression = randomExpression(random, 5);
  if (grid.every((z) => tame(expression, z))) expressions.push(expression);
}

/** The largest difference from the evaluator over some expressions, relative to values above 1. */
function largest(some: readonly Expression[], ys: (expression: Expression) => ArrayLike<number>): number {
  const differences = some.flatMap((expression) =>
    Array.from(ys(expression), (y, i) => {
      const want = evaluate(expression, grid[i]!, SLOPE);
      return Math.abs(y - want) / Math.max(1, Math.abs(want));
    }),
  );
  return Math.max(...differences);
}

const usesFit = (expression: Expression) => /erf|normalCdf/.test(JSON.stringify(expression));

describe('an expression printed', () => {
  test('as JavaScript gives the bits of the evaluator, but for erf and normalCdf, fits with an error of 1.2e-7', () => {
    const compiled = (expression: Expression) => {
      const { code, needs } = printJavaScript(expression, `${SLOPE}`);
      const functions = [...needs].map((name) => javascriptFunctions[name]).join('\n');
      return new Function(`${functions}\nreturn (z) => ${code};`)() as (z: number) => number;
    };
    let exact = 0;
    for (const expression of expressions)
      if (!usesFit(expression) && !/sigmoid|softplus/.test(JSON.stringify(expression))) {
        exact++;
        const got = grid.map(compiled(expression));
        expect(got, printJavaScript(expression).code).toEqual(grid.map((z) => evaluate(expression, z, SLOPE)));
      }
    expect(exact).toBeGreaterThan(50);
    expect(largest(expressions, (e) => grid.map(compiled(e)))).toBeLessThan(1e-4);
    expect(
      largest(
        expressions.filter((e) => !usesFit(e)),
        (e) => grid.map(compiled(e)),
      ),
    ).toBeLessThan(1e-11);
  });

  describe('as ONNX', () => {
    beforeAll(() => {
      ort.env.wasm.numThreads = 1;
    });

    test('gives them to float32 rounding, in one graph of 300 outputs', async () => {
      const nodes: NodeMessage[] = [];
      const initializers: TensorMessage[] = [];
      const constant = (name: string, values: number[], dims: number[]) => {
        initializers.push({ name, dataType: DataType.Float, dims, values, strings: [] });
        return name;
      };
      const add = (op: string, inputs: readonly string[], attributes: Record<string, number> = {}) => {
        const name = `v${nodes.length}`;
        nodes.push({
          op,
          domain: '',
          name,
          inputs: [...inputs],
          outputs: [name],
          attributes: new Map(Object.entries(attributes)),
        });
        return name;
      };
      const slope = constant(
        'slope',
        grid.map(() => SLOPE),
        [grid.length],
      );
      const outputs = expressions.map((expression, i) => {
        const value = printOnnx(
          {
            add,
            scalar: (value) => constant(`c${initializers.length}`, [value], []),
            truth: (condition) => add('Cast', [condition], { to: DataType.Float }),
          },
          expression,
          'z',
          slope,
        );
        add('Add', [
          value,
          constant(
            `zeros${i}`,
            grid.map(() => 0),
            [grid.length],
          ),
        ]);
        const last = nodes[nodes.length - 1]!;
        nodes[nodes.length - 1] = { ...last, outputs: [`y${i}`] };
        return { name: `y${i}`, dataType: DataType.Float, dims: [grid.length] };
      });
      const bytes = writeModel({
        irVersion: 8,
        producer: 'test',
        producerVersion: '',
        opsets: new Map([['', 13]]),
        metadata: new Map(),
        graphName: 'expressions',
        nodes,
        initializers,
        inputs: [{ name: 'z', dataType: DataType.Float, dims: [grid.length] }],
        outputs,
      });
      const session = await ort.InferenceSession.create(bytes);
      const got = await session.run({ z: new ort.Tensor('float32', Float32Array.from(grid), [grid.length]) });
      await session.release();
      expect(largest(expressions, (e) => got[`y${expressions.indexOf(e)}`]!.data as Float32Array)).toBeLessThan(1e-3);
    });
  });
});
