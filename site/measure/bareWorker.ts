// What the playground is held against (bench/suites/page.js): the same network trained by a worker that does nothing else, and by the
// engine of objects, alone and in epochs as TensorFlow Playground makes them, with both losses after each; and how long the map takes.

import { MLP, Random } from 'feedforward';
import { type Made, makeData } from '../play/data';
import { defaults } from '../play/experiment';
import { optionsOf } from '../play/model';
import { Session } from '../play/session';
import { ObjectNetwork } from './objects';

const spells = 10;
const milliseconds = 120;
const palette = { ground: [255, 255, 255], classes: Array.from({ length: 4 }, () => [0, 114, 178]) } as never;

/**
 * Rows a second of functions that train on `rows` at each call. They take turns, so that what else the machine does meets all of them, and
 * all their time counts, as all of the page's does: the first turn alone is for the compiler.
 */
function rates<Name extends string>(rows: number, engines: Record<Name, () => void>): Record<Name, number> {
  const names = Object.keys(engines) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, { calls: 0, time: 0 }])) as Record<
    Name,
    { calls: number; time: number }
  >;
  for (let spell = 0; spell <= spells; spell++)
    for (const name of names) {
      const start = performance.now();
      let calls = 0;
      while (performance.now() - start < milliseconds) {
        engines[name]();
        calls++;
      }
      if (spell === 0) continue;
      found[name].calls += calls;
      found[name].time += performance.now() - start;
    }
  return Object.fromEntries(names.map((name) => [name, (1000 * rows * found[name].calls) / found[name].time])) as Record<
    Name,
    number
  >;
}

/** A row as TensorFlow Playground keeps it, from which each pass makes its inputs by the features that are on. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}
const features: Record<string, (x: number, y: number) => number> = { x: (x) => x, y: (_, y) => y };
const inputsOf = ({ x, y }: Point) => Object.values(features).map((feature) => feature(x, y));
const pointsOf = ({ X, y }: Made['train']): Point[] =>
  Array.from(y.data, (label, i) => ({ x: X.data[2 * i]!, y: X.data[2 * i + 1]!, label: 2 * label - 1 }));

globalThis.onmessage = () => {
  const made = makeData(defaults);
  const { X, y } = made.train;
  const [rows] = X.shape;
  const model = new MLP(optionsOf(defaults, made.center, made.scale).options);
  model.fitSync(X, y, { epochs: 200, batchSize: defaults.batch });
  const random = new Random(1, 'objects');
  const network = new ObjectNetwork([2, ...defaults.layers.map(({ units }) => units), 1], () => random.uniform());
  const learn = (rows: readonly Point[]) =>
    rows.forEach((point, i) => {
      network.learn(inputsOf(point), point.label);
      if ((i + 1) % defaults.batch === 0) network.step(0.01);
    });
  const lossOf = (rows: readonly Point[]) =>
    rows.reduce((sum, point) => sum + 0.5 * (network.predict(inputsOf(point)) - point.label) ** 2, 0) / rows.length;
  const train = pointsOf(made.train);
  const test = pointsOf(made.test);
  let seen = 0;
  const repeated = (run: () => void) => () => {
    for (let i = 0; i < epochs; i++) run();
  };
  const epochs = 50;
  const found = rates(rows * epochs, {
    bare: () => model.fitSync(X, y, { epochs, batchSize: defaults.batch, reportMetrics: false }),
    objects: repeated(() => learn(train)),
    objectEpochs: repeated(() => {
      learn(train);
      seen += lossOf(train) + lossOf(test);
    }),
  });
  if (Number.isNaN(seen)) throw new Error('The engine of objects broke.');

  const session = new Session(defaults);
  const times: number[] = [];
  for (let i = 0; i < 25; i++) {
    const start = performance.now();
    session.paintMap(palette);
    times.push(performance.now() - start);
  }
  postMessage({ ...found, map: times.sort((a, b) => a - b)[6] });
};
