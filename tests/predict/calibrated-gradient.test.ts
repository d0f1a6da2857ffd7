// Derivatives of calibrated probabilities: differences of the probabilities themselves, and what the exported module has, where the correction stands in
// the weights of the last layer.

import { expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';
import { exportWasm } from '../../src/predict/standalone/wasm.js';
import { largestDifference, start } from '../support/standalone.js';

const random = new Random(4, 'calibrated');
const rows = Array.from({ length: 160 }, () => [30 + 10 * random.normal(), random.normal()]);
const noisy = (row: readonly number[]) => row[0]! - 30 + 5 * row[1]! + 6 * random.normal();
const two = rows.map((row) => (noisy(row) > 0 ? 'yes' : 'no'));
const three = rows.map((row) => ['low', 'middle', 'high'][Math.min(2, Math.max(0, Math.floor(noisy(row) / 8 + 1.5)))]!);
const several = rows.map((row) => [Number(noisy(row) > 0), Number(noisy(row) > 5)]);
const options = {
  hiddenLayers: [9],
  activation: 'tanh',
  earlyStopping: true,
  epochs: 40,
  seed: 1,
  deterministic: true,
  onWarning: false,
} as const;

const cases = [
  ['temperature', two],
  ['platt', two],
  ['temperature', three],
  ['temperature', several],
] as const;

test.each(cases)(
  '%s, case %#: differences of the probabilities, and the derivatives of the exported module',
  async (calibrate, y) => {
    const classifier = new MLPClassifier({ ...options, calibrate }).fitSync(rows, y as string[]);
    expect(classifier.calibration).toBe(calibrate);
    const predictor = loadPredictor(classifier.save());
    const net = (await start(exportWasm(classifier as never, { gradient: true }))) as unknown as {
      inputGradient(rows: readonly number[][], output: number): number[][];
    };
    const shared = predictor.outputs === 2 && y === two;
    for (let output = 0; output < predictor.outputs; output++) {
      const gradient = predictor.inputGradient(rows, output);
      for (const [j, step] of [0.25, 0.02].entries()) {
        const moved = (by: number) => predictor.predictProba(rows.map((row) => row.map((x, k) => (k === j ? x + by : x))));
        const [above, below] = [moved(step), moved(-step)];
        let largest = 0;
        rows.forEach((_, i) => {
          const difference = (above.row(i)[output]! - below.row(i)[output]!) / (2 * step);
          largest = Math.max(largest, Math.abs(difference));
          expect(Math.abs(gradient.row(i)[j]! - difference), `row ${i}, column ${j}`).toBeLessThan(
            2e-4 + 0.01 * Math.abs(difference),
          );
        });
        expect(largest).toBeGreaterThan(0.01);
      }
      const exported = net.inputGradient(rows, shared ? 0 : output).flat();
      const sign = shared && output === 0 ? -1 : 1;
      expect(
        largestDifference(
          gradient.data,
          exported.map((g) => sign * g),
        ),
      ).toBeLessThan(1e-5);
    }
  },
);

test('far from the boundary the derivative stays that of the likelier class, and never NaN', () => {
  const classifier = new MLPClassifier({ ...options, calibrate: 'platt' }).fitSync(rows, two);
  const predictor = loadPredictor(classifier.save());
  const far = [-1e4, -300, 0, 60, 400, 1e4].map((x) => [x, 0]);
  const [first, second] = [0, 1].map((output) => [...predictor.inputGradient(far, output).data]);
  expect(first!.map((g) => -g)).toEqual(second);
  for (const g of second!) expect(Number.isFinite(g)).toBe(true);
});

test('isotonic regression is refused by name', () => {
  const classifier = new MLPClassifier({ ...options, calibrate: 'isotonic' }).fitSync(rows, two);
  expect(() => loadPredictor(classifier.save()).inputGradient(rows)).toThrow(
    expect.objectContaining({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/isotonic regression, which has no slope/),
    }),
  );
});
