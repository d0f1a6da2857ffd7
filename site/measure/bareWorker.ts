// What the playground is held against (bench/suites/page.js): the same network trained by a worker that does nothing else, and by the
// engine of objects; and how long the playground's map takes.

import { MLP, Random } from 'feedforward';
import { makeData } from '../play/data';
import { defaults } from '../play/experiment';
import { optionsOf } from '../play/model';
import { Session } from '../play/session';
import { ObjectNetwork } from './objects';

const milliseconds = 1500;
const palette = { ground: [255, 255, 255], classes: Array.from({ length: 4 }, () => [0, 114, 178]) } as never;

/** Rows a second of a function that trains on so many at each call: the best of three spells. */
function rate(rows: number, run: () => void): number {
  let best = 0;
  for (let spell = 0; spell < 3; spell++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < milliseconds / 3) {
      run();
      calls++;
    }
    best = Math.max(best, (1000 * calls * rows) / (performance.now() - start));
  }
  return best;
}

globalThis.onmessage = () => {
  const made = makeData(defaults);
  const { X, y } = made.train;
  const [rows] = X.shape;
  const model = new MLP(optionsOf(defaults, made.center, made.scale).options);
  model.fitSync(X, y, { epochs: 200, batchSize: defaults.batch });
  const bare = rate(rows * 50, () => model.fitSync(X, y, { epochs: 50, batchSize: defaults.batch }));

  const random = new Random(1, 'objects');
  const network = new ObjectNetwork([2, ...defaults.layers.map(({ units }) => units), 1], () => random.uniform());
  const lists = Array.from({ length: rows }, (_, i) => X.data.slice(2 * i, 2 * i + 2));
  const objects = rate(rows, () => {
    for (let i = 0; i < rows; i++) {
      network.learn(lists[i]!, y.data[i]!);
      if ((i + 1) % defaults.batch === 0) network.step(0.01, defaults.batch);
    }
  });

  const session = new Session(defaults);
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    session.paintMap(palette);
    times.push(performance.now() - start);
  }
  postMessage({ bare, objects, map: times.sort((a, b) => a - b)[7] });
};
