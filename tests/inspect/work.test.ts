// What workOf counts, against counts by hand and against a network in plain code whose every access is counted. That this code is the network is
// checked by its weights after a step.

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { MLP } from '../../src/mlp/mlp.js';
import { workOf } from '../../src/model/inspections.js';
import { activation, batchNorm, dense, dropout, embedding, layerNorm, rescale, residual } from '../../src/plan/layers.js';
import { adam, sgd } from '../../src/plan/optimizers.js';
import { refusal } from '../support/errors.js';

/** Counts what one operation touches: each element once. */
class Meter {
  multiplyAdds = 0;
  read = 0;
  written = 0;
  private reads = new Set<string>();
  private writes = new Set<string>();

  readonly names = new Map<object, number>();

  /** Runs an operation and adds the elements that it read, unless it wrote them itself before, and wrote. */
  operation(run: () => void): void {
    this.reads = new Set();
    this.writes = new Set();
    run();
    this.read += this.reads.size;
    this.written += this.writes.size;
  }
  get(values: Float64Array, k: number): number {
    const key = this.key(values, k);
    if (!this.writes.has(key)) this.reads.add(key);
    return values[k]!;
  }
  set(values: Float64Array, k: number, value: number): void {
    this.writes.add(this.key(values, k));
    values[k] = value;
  }
  get count() {
    return { multiplyAdds: this.multiplyAdds, bytesRead: 4 * this.read, bytesWritten: 4 * this.written };
  }
  private key(values: Float64Array, k: number): string {
    if (!this.names.has(values)) this.names.set(values, this.names.size);
    return `${this.names.get(values)} ${k}`;
  }
}

interface PlainLayer {
  readonly w: Float64Array;
  readonly b: Float64Array;
  readonly inputs: number;
  readonly outputs: number;
  readonly tanh: boolean;
}

/** The textbook's forward pass, loss, backward pass and step of gradient descent, or of Adam, with every access metered. */
function run(
  meter: Meter,
  layers: readonly PlainLayer[],
  x: Float64Array,
  target: Float64Array | undefined,
  rows: number,
  rate: number,
  withAdam = false,
) {
  const kept: { x: Float64Array; y: Float64Array }[] = [];
  let input = x;
  for (const { w, b, inputs, outputs, tanh } of layers) {
    const given = input;
    const z = new Float64Array(rows * outputs);
    meter.operation(() => {
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < outputs; j++) {
          let sum = meter.get(b, j);
          for (let k = 0; k < inputs; k++) {
            sum += meter.get(given, i * inputs + k) * meter.get(w, k * outputs + j);
            meter.multiplyAdds++;
          }
          meter.set(z, i * outputs + j, sum);
        }
    });
    let y = z;
    if (tanh) {
      y = new Float64Array(z.length);
      meter.operation(() => z.forEach((_, k) => meter.set(y, k, Math.tanh(meter.get(z, k)))));
    }
    kept.push({ x: given, y });
    input = y;
  }
  if (target === undefined) return;
  let dy = new Float64Array(input.length);
  meter.operation(() =>
    input.forEach((_, k) => meter.set(dy, k, (2 * (meter.get(input, k) - meter.get(target, k))) / dy.length)),
  );
  const gradients: { of: Float64Array; g: Float64Array }[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { w, b, inputs, outputs, tanh } = layers[l]!;
    const { x: given, y } = kept[l]!;
    let dz = dy;
    if (tanh) {
      const above = dy;
      dz = new Float64Array(dy.length);
      meter.operation(() => above.forEach((_, k) => meter.set(dz, k, meter.get(above, k) * (1 - meter.get(y, k) ** 2))));
    }
    const dw = new Float64Array(w.length);
    const db = new Float64Array(b.length);
    meter.operation(() => {
      for (let j = 0; j < outputs; j++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += meter.get(dz, i * outputs + j);
        meter.set(db, j, sum);
        for (let k = 0; k < inputs; k++) {
          let product = 0;
          for (let i = 0; i < rows; i++) {
            product += meter.get(given, i * inputs + k) * meter.get(dz, i * outputs + j);
            meter.multiplyAdds++;
          }
          meter.set(dw, k * outputs + j, product);
        }
      }
    });
    gradients.push({ of: w, g: dw }, { of: b, g: db });
    if (l === 0) continue;
    const dx = new Float64Array(rows * inputs);
    meter.operation(() => {
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < inputs; k++) {
          let sum = 0;
          for (let j = 0; j < outputs; j++) {
            sum += meter.get(dz, i * outputs + j) * meter.get(w, k * outputs + j);
            meter.multiplyAdds++;
          }
          meter.set(dx, i * inputs + k, sum);
        }
    });
    dy = dx;
  }
  for (const { of, g } of gradients) {
    const m = new Float64Array(of.length);
    const v = new Float64Array(of.length);
    meter.operation(() => {
      for (let k = 0; k < of.length; k++) {
        const gradient = meter.get(g, k);
        if (!withAdam) meter.set(of, k, meter.get(of, k) - rate * gradient);
        else {
          meter.set(m, k, 0.9 * meter.get(m, k) + 0.1 * gradient);
          meter.set(v, k, 0.999 * meter.get(v, k) + 0.001 * gradient * gradient);
          meter.set(of, k, meter.get(of, k) - (rate * m[k]!) / 0.1 / (Math.sqrt(v[k]! / 0.001) + 1e-8));
        }
      }
    });
  }
}

const layersOf = (model: PlainMLP, tanh: readonly boolean[]): PlainLayer[] => {
  const parameters = model.parameters();
  return tanh.map((of, l) => {
    const [w, b] = [parameters[2 * l]!, parameters[2 * l + 1]!];
    const [inputs, outputs] = w.shape as [number, number];
    return { w: Float64Array.from(w.values), b: Float64Array.from(b.values), inputs, outputs, tanh: of };
  });
};

describe('workOf', () => {
  test.each([
    [1, 1, [1], false],
    [3, 5, [4, 2], false],
    [2, 1, [7, 3, 1], true],
    [5, 9, [6, 5, 3], true],
  ])('counts what a metered plain network of %i inputs does on %i rows, layers %j', (inputs, rows, widths, withAdam) => {
    const optimizer = withAdam ? adam({ learningRate: 0.01 }) : sgd({ learningRate: 0.01 });
    const tanh = widths.map((_, l) => l < widths.length - 1);
    const layers = widths.map((units, l) => dense(units, { activation: tanh[l] ? 'tanh' : 'identity' }));
    const model = new PlainMLP({ inputs, layers, optimizer, seed: 1 }, { precision: 'float64' });
    const x = Float64Array.from({ length: rows * inputs }, (_, k) => Math.sin(k + 1));
    const y = Float64Array.from({ length: rows * widths.at(-1)! }, (_, k) => Math.cos(3 * k));
    const work = workOf(model, { rows });

    const predicting = new Meter();
    run(predicting, layersOf(model, tanh), x, undefined, rows, 0);
    expect(work.predict).toEqual(predicting.count);

    const stepping = new Meter();
    const own = layersOf(model, tanh);
    run(stepping, own, x, y, rows, 0.01, withAdam);
    expect(work.step).toEqual(stepping.count);
    model.trainStep({ data: x, shape: [rows, inputs] }, { data: y, shape: [rows, widths.at(-1)!] });
    const after = layersOf(model, tanh);
    own.forEach(({ w, b }, l) => {
      for (const [mine, its] of [
        [w, after[l]!.w],
        [b, after[l]!.b],
      ] as const)
        mine.forEach((value, k) => expect(value).toBeCloseTo(its[k]!, 10)); // the metered code is the network
    });
  });

  test('counts by hand: 2-16-16-1 with ReLU on 32 rows, by Adam', () => {
    const relu = { activation: 'relu' } as const;
    const model = new MLP({ inputs: 2, layers: [dense(16, relu), dense(16, relu), dense(1)], optimizer: adam() });
    const { predict, step } = workOf(model, { rows: 32 });
    const [weights, biases] = [2 * 16 + 16 * 16 + 16, 33];
    expect(predict.multiplyAdds).toBe(32 * weights);
    // x, weights and biases of three products; two activations
    expect(predict.bytesRead).toBe(4 * (32 * (2 + 16 + 16) + weights + biases + 2 * 32 * 16));
    expect(predict.bytesWritten).toBe(4 * (32 * (16 + 16 + 1) + 2 * 32 * 16));
    expect(step.multiplyAdds).toBe(32 * (3 * weights - 2 * 16)); // no gradient in the inputs
    const forward = predict.bytesRead / 4 + 32 * 2;
    const back = 32 * (16 + 1) + (32 + 16) + 32 * (2 * 16) + 32 * 32 + (32 * 16 + 256) + 32 * 32 + 32 * (2 + 16);
    expect(step.bytesRead).toBe(4 * (forward + back + 4 * (weights + biases)));
  });

  test('counts products of projections, normalisation, dropout and rescaling where they are', () => {
    const block = (layers: Parameters<typeof residual>[0], projection: boolean) =>
      workOf(new MLP({ inputs: 4, layers: [residual(layers, { projection })] }), { rows: 2 });
    expect(block([dense(4)], true).predict.multiplyAdds).toBe(2 * (16 + 16));
    expect(block([dense(4)], false).predict.multiplyAdds).toBe(2 * 16);
    const plain = workOf(new MLP({ inputs: 4, layers: [dense(4)] }), { rows: 2 });
    expect(block([dense(4)], false).predict.bytesRead - plain.predict.bytesRead).toBe(4 * 16);
    const read = (layer: Parameters<typeof residual>[0][number]) =>
      workOf(new MLP({ inputs: 4, layers: [dense(4), layer] }), { rows: 2 }).predict.bytesRead - plain.predict.bytesRead;
    expect(read(batchNorm())).toBe(4 * (8 + 16));
    expect(read(layerNorm())).toBe(4 * (8 + 8));
    expect(read(rescale({ center: 1 }))).toBe(4 * (8 + 12));
    expect(read(dropout(0.5))).toBe(0); // nothing, in prediction
    expect(read(activation('tanh'))).toBe(4 * 8);
    expect(read(activation('identity'))).toBe(0);
    expect(read(activation({ name: 'prelu', shared: false }))).toBe(4 * (8 + 4));
    const table = embedding({ column: 1, categories: 50, size: 3 });
    const embedded = new MLP({ inputs: 2, layers: [table, dense(1)], optimizer: sgd({ learningRate: 0.1 }) });
    const { predict, step } = workOf(embedded, { rows: 5 });
    expect(predict.multiplyAdds).toBe(5 * 4); // looking up multiplies nothing
    expect(predict.bytesRead).toBe(4 * (5 * (2 + 3) + 5 * 4 + 4 + 1));
    expect(step.bytesWritten - predict.bytesWritten).toBe(4 * (5 + (4 + 1) + 5 * 4 + 150 + 155)); // loss, dense, its dx, the table's gradient, the sweep
    expect(embedded.summary()).toContain('), 4 multiply-adds a row');
  });

  test('leaves out of a step what is frozen, and everything below the lowest layer that learns', () => {
    const model = new MLP({ inputs: 3, layers: [dense(4, { activation: 'tanh' }), dense(5, { activation: 'tanh' }), dense(2)] });
    const whole = workOf(model, { rows: 7 }).step.multiplyAdds;
    expect(whole).toBe(7 * (12 + 20 + 10 + (12 + 20 + 10) + (20 + 10)));
    model.freeze('layers.0');
    expect(workOf(model, { rows: 7 }).step.multiplyAdds).toBe(7 * (12 + 20 + 10 + (20 + 10) + 10));
    model.freeze();
    expect(workOf(model, { rows: 7 }).step.multiplyAdds).toBe(7 * (12 + 20 + 10));
  });

  test('counts the slots of the optimizer, averages of weights and the pass of a norm', () => {
    const bytes = (options: object) =>
      workOf(new MLP({ inputs: 3, layers: [dense(2)], optimizer: sgd({ learningRate: 0.1 }), ...options })).step;
    const plain = bytes({});
    expect(bytes({ optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) }).bytesRead - plain.bytesRead).toBe(4 * 8);
    expect(bytes({ optimizer: adam() }).bytesWritten - plain.bytesWritten).toBe(4 * 16);
    expect(bytes({ weightAveraging: { decay: 0.9 } }).bytesWritten - plain.bytesWritten).toBe(4 * 8);
    expect(bytes({ clip: { globalNorm: 1 } }).bytesRead - plain.bytesRead).toBe(4 * 8);
  });

  test('takes a fitted estimator, and refuses rows that are none', () => {
    const regressor = new MLPRegressor({ hiddenLayers: [8], epochs: 1, preset: 'none' }).fitSync(
      [[0], [1], [2], [3]],
      [0, 1, 2, 3],
    );
    expect(workOf(regressor).predict.multiplyAdds).toBe(16);
    expect(refusal(() => workOf(new MLPRegressor())).code).toBe('ERR_STATE');
    expect(refusal(() => workOf(regressor, { rows: 0 })).message).toMatch(/^rows: expected a whole number >= 1/);
  });

  test('is what summary says of a row', () => {
    const model = new MLP({ inputs: 4, layers: [residual([dense(64, { activation: 'relu' }), dense(8)]), dense(1)] });
    const { multiplyAdds } = workOf(model).predict;
    expect(multiplyAdds).toBe(4 * 64 + 64 * 8 + 4 * 8 + 8);
    expect(model.summary()).toContain(`${multiplyAdds} multiply-adds a row`);
  });
});
