// What is known about an approximation, as plain data and in words.

import type { ChebyshevForecast } from './chebyshev.js';

/** What is known about an approximation: plain data, saved with it. Errors are in the units of the function, of several outputs the largest. */
export interface Certificate {
  /** Whether the tolerance is met: the bound below is not above it. */
  readonly met: boolean;
  /** What was asked for. */
  readonly tolerance: number;
  /**
   * At most this is the 0.999 quantile of |error| over points drawn evenly from the domain, with 95 % confidence, all attempts of the run counted
   * together: an order statistic of errors on points drawn for this alone, whatever the distribution of errors.
   */
  readonly bound: number;
  /** The quantile that `bound` is of: 0.999. */
  readonly quantile: number;
  /** The confidence of `bound`: 0.95. */
  readonly confidence: number;
  /** Points that the errors were measured on, which no earlier step of the run had used. */
  readonly rows: number;
  /** How many of them lay beyond the tolerance, and how many may have without breaking it. */
  readonly beyond: {
    /** Points whose error was larger than the tolerance. */
    readonly found: number;
    /** How many such points there may be at that confidence. */
    readonly allowed: number;
  };
  /** Which confirmation of the run this is, from 1; the k-th spends 0.05 / 2^k of what may go wrong. */
  readonly attempt: number;
  /** Errors as found on those points: root of the mean square, quantiles, and the largest. */
  readonly errors: {
    /** The root of the mean square. */
    readonly rootMeanSquare: number;
    /** Half of the errors are smaller. */
    readonly median: number;
    /** 90 % of them are smaller. */
    readonly quantile90: number;
    /** 99 % of them are smaller. */
    readonly quantile99: number;
    /** 99.9 % of them are smaller: as found, where `bound` is what holds with confidence. */
    readonly quantile999: number;
    /** The largest of them. */
    readonly largest: number;
  };
  /** The worst point found, by climbing from the worst of those points: an error that the quantiles say nothing about. */
  readonly worst: {
    /** Where it is, by the names of the domain. */
    readonly point: Readonly<Record<string, number>>;
    /** |error| there. */
    readonly error: number;
  };
  /** The conformal band of predictInterval: its confidence, its largest half-width, and the share of the fresh points that lay in it. */
  readonly band: {
    /** What was asked for: 0.95. */
    readonly confidence: number;
    /** Half of the width of the interval, of several outputs of the widest. */
    readonly halfWidth: number;
    /** Share of the fresh points whose values all lay in it. */
    readonly coverage: number;
  };
  /** Units of the hidden layers. */
  readonly hiddenLayers: readonly number[];
  /** Whether the function gave derivatives, which were learnt too. */
  readonly differential: boolean;
  /** What it cost. `joules` is null where nothing can tell (on pages); `energy` says what the figure is. */
  readonly cost: {
    /** Calls of the function. */
    readonly evaluations: number;
    /** Seconds that passed while they were made. */
    readonly evaluationSeconds: number;
    /** Seconds of the whole run, training included. */
    readonly seconds: number;
    /** Joules of the whole run. */
    readonly joules: number | null;
    /** How the joules were measured or estimated. */
    readonly energy: string;
  };
  /** Calls after which it has paid, in time: what it cost over what each call saves. `calls` is null where the network is no faster. */
  readonly pays: {
    /** Calls after which the network has saved what it cost. */
    readonly calls: number | null;
    /** Seconds of a call of the function, as it was called here. */
    readonly secondsPerCall: number;
    /** Seconds of a prediction, one of a few thousand at a time. */
    readonly secondsPerPrediction: number;
  };
  /** What a tensor of Chebyshev polynomials would need for the same error: a forecast, within a factor of a few. */
  readonly chebyshev: ChebyshevForecast;
}

const figure = (value: number) =>
  value === 0
    ? '0'
    : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5
      ? String(Number(value.toPrecision(3)))
      : value.toExponential(1);
const count = (value: number) => (value < 1e9 ? Math.round(value).toLocaleString('en') : value.toExponential(1));
const time = (seconds: number) =>
  seconds < 1e-3
    ? `${figure(seconds * 1e6)} microseconds`
    : seconds < 1
      ? `${figure(seconds * 1e3)} ms`
      : seconds < 120
        ? `${figure(seconds)} s`
        : `${figure(seconds / 60)} minutes`;

/** The certificate in words, a line for each thing. */
export function certificateText(of: Certificate): string {
  const { errors, cost, pays, chebyshev, worst } = of;
  const at = Object.entries(worst.point).map(([name, value]) => `${name} = ${figure(value)}`);
  const faster = pays.secondsPerCall / pays.secondsPerPrediction;
  const rival = count(chebyshev.evaluations);
  return [
    of.met
      ? `Met: with 95 % confidence 99.9 % of the domain is answered within ${figure(of.bound)} (asked for: ${figure(of.tolerance)}).`
      : `NOT MET: asked for 99.9 % of the domain within ${figure(of.tolerance)}, reached ${figure(of.bound)}.`,
    `Errors on ${count(of.rows)} points never used before: root mean square ${figure(errors.rootMeanSquare)}, median ${figure(errors.median)}, ` +
      `99 % ${figure(errors.quantile99)}, largest ${figure(errors.largest)}; ${of.beyond.found} beyond the tolerance, ${of.beyond.allowed} allowed.`,
    `Worst point found: ${figure(worst.error)} at ${at.join(', ')}.`,
    `Band: plus and minus ${figure(of.band.halfWidth)} held ${(100 * of.band.coverage).toFixed(1)} % of them (asked for: ${100 * of.band.confidence} %).`,
    `Cost: ${count(cost.evaluations)} calls in ${time(cost.evaluationSeconds)}, ${time(cost.seconds)} in all` +
      `${cost.joules === null ? '' : `, ${figure(cost.joules)} joules (${cost.energy})`}.`,
    pays.calls === null
      ? `It is no faster than the function (${time(pays.secondsPerPrediction)} against ${time(pays.secondsPerCall)} a call), so it never pays.`
      : `${count(faster)} times as fast (${time(pays.secondsPerPrediction)} against ${time(pays.secondsPerCall)} a call); pays after ${count(pays.calls)} calls.`,
    `A Chebyshev tensor would need about ${rival} calls for that error${chebyshev.evaluations < cost.evaluations ? ': fewer than this took. Consider one' : ''}.`,
  ].join('\n');
}
