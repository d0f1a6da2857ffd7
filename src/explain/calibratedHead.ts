// From the net inputs of a classifier's last layer to its calibrated probability, and its slope. Affine and elementwise maps of float64; knows
// nothing of networks.

import type { Floats } from '../data/allocate.js';
import { calibratedLogit, readOff, sigmoid, type Calibration } from '../data/certainty/calibration.js';
import { affineHead, logOddsHead, type Head } from './head.js';

/** What is asked of a calibrated classifier. */
interface Asked {
  /** Net inputs of a row. */
  readonly columns: number;
  /** The one that counts, or of a softmax the class. */
  readonly column: number;
  readonly softmax: boolean;
  /** Of two classes the first: what is said of the second turned round. */
  readonly turned: boolean;
  readonly scale: 'output' | 'logit';
}

/** The calibrated probability of a class, or its logit, as a function of net inputs. A step function has no logit. */
export function calibratedHead(calibration: Calibration, { columns, column, softmax, turned, scale }: Asked): Head {
  const sign = turned ? -1 : 1;
  if (calibration.method === 'isotonic') return isotonicHead(calibration, affineHead(columns, column), sign);
  const shift = calibratedLogit(calibration, 0);
  const slope = calibratedLogit(calibration, 1) - shift;
  if (!softmax) {
    const logit = affineHead(columns, column, sign * slope, sign * shift);
    return scale === 'logit' ? logit : probabilityHead(logit);
  }
  const odds = logOddsHead(columns, column);
  const scaled = new Float64Array(columns);
  const take = (y: Floats, at: number) => {
    for (let j = 0; j < columns; j++) scaled[j] = slope * y[at + j]!;
    return scaled;
  };
  const logit: Head = {
    ...odds,
    compiled: false,
    value: (y, at) => odds.value(take(y, at), 0),
    slopes: (y, at, out) => {
      odds.slopes(take(y, at), 0, out);
      for (let j = 0; j < columns; j++) out[j] = out[j]! * slope;
    },
  };
  return scale === 'logit' ? logit : probabilityHead(logit);
}

/** sigmoid(u) of a logit u: of softmax(z) it is one class too. */
function probabilityHead(logit: Head): Head {
  return {
    ...logit,
    affine: undefined,
    compiled: false,
    value: (y, at) => sigmoid(logit.value(y, at)),
    slopes: (y, at, out) => {
      const p = sigmoid(logit.value(y, at));
      logit.slopes(y, at, out);
      for (let j = 0; j < logit.columns; j++) out[j] = out[j]! * p * (1 - p);
    },
  };
}

function isotonicHead(points: { readonly x: readonly number[]; readonly y: readonly number[] }, logit: Head, sign: number): Head {
  const own = probabilityHead(logit);
  const told = (p: number) => (sign > 0 ? readOff(points, p) : 1 - readOff(points, p));
  return {
    ...own,
    value: (y, at) => told(own.value(y, at)),
    slopes: (y, at, out) => {
      const p = own.value(y, at);
      own.slopes(y, at, out);
      const after = points.x.findIndex((x) => x > p);
      const rise = after < 1 ? 0 : (points.y[after]! - points.y[after - 1]!) / (points.x[after]! - points.x[after - 1]!);
      for (let j = 0; j < own.columns; j++) out[j] = out[j]! * sign * rise;
    },
  };
}
