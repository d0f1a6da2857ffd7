// The error of a trained network over fresh rows, in four parts: noise that nobody can predict, what the network cannot say, what so few rows
// do not tell, and what training has not found.

import { dense, lbfgs, MLP } from 'feedforward';
import { drawRows, type Rows, truth } from '../kit/noisyRows';
import { grid } from '../kit/oneLayer';

export const points = grid(-2, 2, 200);
const everything: Rows = { X: points.map((x) => [x]), y: points.map((x) => [truth(x)]) };
/** Sweeps of what counts as trained to the end. */
const enough = 400;
const starts = 4;

export interface Setting {
  readonly units: number;
  readonly rows: number;
  readonly noise: number;
  /** Sweeps of L-BFGS over the rows. */
  readonly sweeps: number;
}

/** Mean squared errors; what is not known yet is undefined. */
export interface Parts {
  readonly noise: number;
  readonly approximation: number | undefined;
  readonly estimation: number | undefined;
  readonly optimisation: number | undefined;
  /** What the network that was trained so says, and its error over 4,000 fresh rows, noise and all. */
  readonly values: readonly number[];
  readonly tested: number;
}

interface Fitted {
  readonly model: MLP;
  readonly loss: number;
}

function fitted(units: number, { X, y }: Rows, sweeps: number, seed: number): Fitted {
  const layers = [dense(units, { activation: 'tanh' }), dense(1)];
  const model = new MLP({ inputs: 1, layers, optimizer: lbfgs(), seed });
  model.fitSync(X, y, { epochs: sweeps, reportMetrics: false });
  return { model, loss: model.evaluate(X, y).loss };
}

/** Mean squared distance from the truth itself. */
const fromTruth = (model: MLP): number => model.evaluate(everything.X, everything.y).loss;

/** The distance of the best of some starts, by what they were trained on: it does not depend on the number of sweeps. */
const known = new Map<string, number>();

function* bestOf(key: string, units: number, rows: Rows): Generator<undefined, number> {
  const before = known.get(key);
  if (before !== undefined) return before;
  let best: Fitted | undefined;
  for (let seed = 0; seed < starts; seed++) {
    const next = fitted(units, rows, enough, seed);
    if (best === undefined || next.loss < best.loss) best = next;
    yield;
  }
  const distance = fromTruth(best!.model);
  known.set(key, distance);
  return distance;
}

/** The parts of a setting's error, as they become known: each step trains one network. */
export function* partsOf({ units, rows, noise, sweeps }: Setting): Generator<Parts, Parts> {
  const seen = drawRows(rows, noise, 3);
  const fresh = drawRows(4000, noise, 9);
  const { model } = fitted(units, seen, sweeps, 0);
  const found = fromTruth(model);
  let parts: Parts = {
    ...{ noise: noise * noise, approximation: undefined, estimation: undefined, optimisation: undefined },
    values: [...model.predict(everything.X).data],
    tested: model.evaluate(fresh.X, fresh.y).loss,
  };
  yield parts;
  const onAll = bestOf(`${units}`, units, everything);
  let step = onAll.next();
  for (; !step.done; step = onAll.next()) yield parts;
  const nearest = Math.min(step.value, found);
  parts = { ...parts, approximation: nearest };
  const onFew = bestOf(`${units} ${rows} ${noise}`, units, seen);
  step = onFew.next();
  for (; !step.done; step = onFew.next()) yield parts;
  // The best that was seen of this size is what approximation means, whatever it was trained on: so estimation is never below 0.
  const approximation = Math.min(nearest, step.value);
  parts = { ...parts, approximation, estimation: step.value - approximation, optimisation: found - step.value };
  yield parts;
  return parts;
}
