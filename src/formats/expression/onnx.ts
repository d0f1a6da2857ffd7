// An expression (src/plan/expressions.ts) as a graph of ONNX operators of opset 13.

import type { BinaryOperation, Expression, UnaryOperation } from '../../plan/expressions.js';

/** What the printer needs of a graph under construction. Values are known by their names. */
export interface OnnxGraph {
  /** Adds an operator; returns its output. */
  add(op: string, inputs: readonly string[]): string;
  /** A constant number. */
  scalar(value: number): string;
  /** A comparison's result as 1 and 0. */
  truth(condition: string): string;
}

const operator =
  (op: string) =>
  (graph: OnnxGraph, ...inputs: string[]): string =>
    graph.add(op, inputs);

const unary: Readonly<Record<UnaryOperation, (graph: OnnxGraph, x: string) => string>> = {
  abs: operator('Abs'),
  sign: operator('Sign'),
  expm1: (graph, x) => graph.add('Sub', [graph.add('Exp', [x]), graph.scalar(1)]),
  sigmoid: operator('Sigmoid'),
  tanh: operator('Tanh'),
  softplus: operator('Softplus'),
  erf: operator('Erf'),
  normalCdf: (graph, x) => {
    const erf = graph.add('Erf', [graph.add('Mul', [x, graph.scalar(Math.SQRT1_2)])]);
    return graph.add('Mul', [graph.add('Add', [erf, graph.scalar(1)]), graph.scalar(0.5)]);
  },
};

const binary: Readonly<Record<BinaryOperation, (graph: OnnxGraph, x: string, y: string) => string>> = {
  add: operator('Add'),
  mul: operator('Mul'),
  div: operator('Div'),
  min: operator('Min'),
  max: operator('Max'),
};

/** Adds the operators of an expression in the value `z`; returns the value of the whole. `unitSlope`: the vector of slopes. */
export function printOnnx(graph: OnnxGraph, expression: Expression, z: string, unitSlope = ''): string {
  const print = (e: Expression): string => {
    switch (e.operation) {
      case 'z':
        return z;
      case 'unitSlope':
        return unitSlope;
      case 'number':
        return graph.scalar(e.value);
      case 'choose': {
        const condition = graph.add('GreaterOrEqual', [print(e.x), graph.scalar(0)]);
        if (isNumber(e.above, 1) && isNumber(e.below, 0)) return graph.truth(condition);
        return graph.add('Where', [condition, print(e.above), print(e.below)]);
      }
      default:
        return 'y' in e ? binary[e.operation](graph, print(e.x), print(e.y)) : unary[e.operation](graph, print(e.x));
    }
  };
  return print(expression);
}

function isNumber(expression: Expression, value: number): boolean {
  return expression.operation === 'number' && expression.value === value;
}
