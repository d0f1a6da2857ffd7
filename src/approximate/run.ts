// One run of approximate: where it stands, and each of its steps.

import { allowedAbove, fewestDraws } from '../data/certainty/quantileBound.js';
import { fitIntervals, intervalsAround, type Intervals } from '../data/certainty/intervals.js';
import type { Float64Rows } from '../data/matrix.js';
import { quantile } from '../data/quantiles.js';
import { Random } from '../data/random.js';
import { EnergyMeter } from '../inspect/energy.js';
import type { MLP } from '../mlp/mlp.js';
import { fail } from '../errors.js';
import { isNode } from '../platform.js';
import { Approximation } from './approximation.js';
import type { Certificate } from './certificate.js';
import { forecastChebyshev } from './chebyshev.js';
import type { Evaluated, Evaluator } from './evaluator.js';
import { errorsOf, Learner } from './learner.js';
import type { ApproximationProgress, readApproximateOptions } from './options.js';
import { around, evenly, independently } from './points.js';
import { readProgress, writeProgress, type Standing } from './progress.js';
import { Samples } from './samples.js';

const QUANTILE = 0.999;
const CONFIDENCE = 0.95;
/** Points of a check, which decide whether it is worth confirming, and later calibrate the band. */
const CHECKED = 1024;
/** From here on a confirmation is likely to pass: the largest of some thousand errors is about 2.5 times their 0.99 quantile. */
const LIKELY = 1 / 2.5;
/** Points of a confirmation between two looks at whether it can still pass. */
const BLOCK = 256;
/** Confidence of the band whose coverage the certificate tells. */
const BAND = 0.95;
/** Steps of the first training, and of any at most. */
const [FIRST_STEPS, MOST_STEPS] = [8_000, 64_000];
/** Hidden layers in turn, each once the one before cannot follow its samples. */
const WIDTHS = [64, 96, 128, 192, 256].map((units) => [units, units]);
/** Calls that climb to the worst point: from three points, in rounds of so many around the best so far. */
const CLIMB = { starts: 3, radii: [0.05, 0.02, 0.008], each: 12 } as const;
const CLIMBING = CLIMB.starts * CLIMB.radii.length * CLIMB.each;

type Settings = ReturnType<typeof readApproximateOptions>;

/** Rows that the network had not seen, and its errors on them. */
interface Checked {
  readonly x: Float64Rows;
  readonly y: Float64Rows;
  readonly gradients: Float64Array | undefined;
  readonly errors: Float64Array;
}

export class Run {
  private readonly began = performance.now();
  /** What f has a band for, from the last check. */
  private intervals: Intervals | undefined;
  private error: number | undefined;
  private finished: MLP | undefined;

  private constructor(
    private readonly evaluator: Evaluator,
    private readonly settings: Settings,
    private readonly standing: Standing,
    private readonly samples: Samples,
    private learner: Learner | undefined,
    /** Where the network erred most, for the next sampling. */
    private centers: Float64Array[],
    private readonly meter: EnergyMeter | undefined,
  ) {}

  static async start(evaluator: Evaluator, settings: Settings): Promise<Run> {
    const { resume, domain, seed, samples } = settings;
    const fresh: Standing = {
      ...{ next: 'sample', round: 1, attempts: 0, drawn: 0, steps: FIRST_STEPS, wanted: samples },
      ...{ evaluations: 0, evaluationSeconds: 0, seconds: 0, joules: 0 },
    };
    const state =
      resume === undefined
        ? { standing: fresh, samples: new Samples(domain.names.length), learner: undefined, centers: [] }
        : readProgress(resume, domain, seed);
    const needed = fewestEvaluations(settings, state.standing);
    if (settings.evaluations < needed)
      fail(
        'ERR_OPTION',
        `evaluations: ${settings.evaluations} are too few, since a check and a confirmation are among them. Allow ${needed} at least.`,
      );
    const meter = isNode() ? await EnergyMeter.open() : undefined;
    meter?.start();
    return new Run(evaluator, settings, state.standing, state.samples, state.learner, [...state.centers], meter);
  }

  /** Everything so far. */
  save(): Uint8Array<ArrayBuffer> {
    const { samples, learner, centers } = this;
    return writeProgress({ standing: this.now(), samples, learner, centers }, this.settings.domain, this.settings.seed);
  }

  async finish(): Promise<Approximation> {
    for (;;) {
      const { standing } = this;
      if (standing.next === 'sample') {
        await this.sample();
      } else if (standing.next === 'learn') {
        await this.learn();
      } else {
        const { likely, stuck } = await this.check();
        const done = likely || this.spent() ? await this.confirm() : undefined;
        if (done !== undefined) return done;
        this.plan(stuck);
        standing.next = 'sample';
        this.tell('checking');
      }
    }
  }

  // ---- the steps ---------------------------------------------------------------------------------------------

  /** Half of the new points evenly, half around those where the network erred most; all evenly in the first round. */
  private async sample(): Promise<void> {
    const { standing, settings, samples } = this;
    const { domain, seed } = settings;
    const { centers } = this;
    const wanted = Math.max(0, Math.min(standing.wanted, this.left() - CHECKED)); // of a run that goes on less may be left
    const near = centers.length === 0 ? 0 : wanted >> 1;
    const even = wanted - near;
    if (even > 0) await this.pay(evenly(domain, even, seed, standing.drawn));
    standing.drawn += even;
    if (near > 0) {
      const radius = 0.5 * samples.rows ** (-1 / domain.names.length);
      await this.pay(around(domain, centers, near, radius, this.random('around')));
    }
    this.centers = [];
    standing.next = 'learn';
    this.tell('sampling');
  }

  private async learn(): Promise<void> {
    const { standing, settings, samples } = this;
    const widths = settings.hiddenLayers ?? WIDTHS[0]!;
    this.learner ??= Learner.start(settings.domain, widths, settings.seed, samples);
    this.learner = await this.learner.learn(samples, standing.steps, settings.signal);
    this.finished = undefined;
    standing.next = 'check';
    this.tell('training');
  }

  /** Errors on new points: whether a confirmation is likely to pass, and whether the network is stuck on the samples that it has. */
  private async check(): Promise<{ likely: boolean; stuck: boolean }> {
    const { settings } = this;
    const { tolerance } = settings;
    const points = independently(settings.domain, CHECKED, this.random('check'));
    const checked = this.judged(await this.call(points));
    const sorted = checked.errors.slice().sort();
    this.error = quantile(sorted, 0.99);
    this.intervals = fitIntervals(checked.y.data, this.answers(checked.x));
    const own = quantile(errorsOf(this.network, ...this.someSamples()).sort(), 0.99);
    this.keep(checked);
    const likely = this.error <= LIKELY * tolerance && sorted.at(-1)! <= tolerance;
    return { likely, stuck: own > LIKELY * tolerance };
  }

  /** The next round: more samples and longer training; where the network cannot follow the samples that it has, a wider one. */
  private plan(stuck: boolean): void {
    const { standing, settings, samples } = this;
    const left = this.left() - CHECKED;
    standing.wanted = Math.max(0, Math.min(Math.round(samples.rows / 2), left));
    standing.round++;
    standing.steps = Math.min(MOST_STEPS, Math.round(1.5 * standing.steps));
    const place = WIDTHS.findIndex((widths) => String(widths) === String(this.learner!.widths));
    const wider = WIDTHS[place + 1];
    // Twice trained on without success: width is what is missing.
    if (stuck && settings.hiddenLayers === undefined && wider !== undefined && standing.round % 2 === 0)
      this.learner = this.learner!.widened(wider);
  }

  /** Calls that may still be made beside those that the next confirmation needs. */
  private left(): number {
    const { standing, settings } = this;
    return settings.evaluations - this.now().evaluations - this.drawsOf(standing.attempts + 1) - CLIMBING;
  }

  private spent(): boolean {
    const { settings } = this;
    return this.left() < CHECKED + 64 || (settings.seconds !== undefined && this.now().seconds > settings.seconds);
  }

  /** Points of confirmation number `attempt`, from 1. */
  private drawsOf(attempt: number): number {
    return Math.max(this.settings.confirmation ?? 0, fewestDraws(QUANTILE, confidenceOf(attempt)));
  }

  /** Errors on points drawn for this alone; undefined where they are too large and another round may mend it. */
  private async confirm(): Promise<Approximation | undefined> {
    const { standing, settings } = this;
    const { domain, tolerance } = settings;
    standing.attempts++;
    const attempt = standing.attempts;
    const draws = this.drawsOf(attempt);
    const allowed = allowedAbove(draws, QUANTILE, confidenceOf(attempt));
    const last = this.spent() || this.left() - draws < CHECKED + 64;
    const points = independently(domain, draws, this.random('confirm'));
    const inputs = domain.names.length;
    const parts: Checked[] = [];
    let found = 0;
    try {
      for (let row = 0; row < draws && (last || found <= allowed); row += BLOCK) {
        const part = this.judged(await this.call(points.subarray(row * inputs, (row + BLOCK) * inputs)));
        found += part.errors.filter((error) => error > tolerance).length;
        parts.push(part);
      }
    } catch (error) {
      if (parts.length > 0) this.keep(this.joined(parts));
      throw error;
    }
    const checked = this.joined(parts);
    if (found > allowed && !last) {
      this.keep(checked);
      return undefined;
    }
    const worst = await this.climb(checked);
    this.tell('confirming');
    return Approximation.of(this.network, domain, this.intervals!, this.certificate(checked, { attempt, allowed, found, worst }));
  }

  /** Up from the points with the largest errors: the largest that a few dozen calls find. */
  private async climb({ x, errors }: Checked): Promise<Certificate['worst']> {
    const { domain } = this.settings;
    const inputs = domain.names.length;
    const random = this.random('climb');
    const order = Array.from(errors.keys()).sort((a, b) => errors[b]! - errors[a]! || a - b);
    let best = { point: x.data.slice(order[0]! * inputs, (order[0]! + 1) * inputs), error: errors[order[0]!]! };
    for (const row of order.slice(0, CLIMB.starts)) {
      let here = { point: x.data.slice(row * inputs, (row + 1) * inputs), error: errors[row]! };
      for (const radius of CLIMB.radii) {
        const tried = this.judged(await this.call(around(domain, [here.point], CLIMB.each, radius, random)));
        tried.errors.forEach((error, i) => {
          if (error > here.error) here = { point: tried.x.data.slice(i * inputs, (i + 1) * inputs), error };
        });
      }
      if (here.error > best.error) best = here;
    }
    return { point: Object.fromEntries(domain.names.map((name, j) => [name, best.point[j]!])), error: best.error };
  }

  private certificate(
    { x, y, errors }: Checked,
    { attempt, allowed, found, worst }: { attempt: number; allowed: number; found: number; worst: Certificate['worst'] },
  ): Certificate {
    const { settings, samples, standing } = this;
    const sorted = errors.slice().sort();
    const rows = errors.length;
    const bound = sorted[rows - 1 - allowed]!;
    const { evaluations, evaluationSeconds, seconds, joules } = this.now();
    const secondsPerCall = evaluationSeconds / evaluations;
    const secondsPerPrediction = this.timed(x);
    const band = intervalsAround(this.intervals!, this.answers(x), BAND);
    const inside = errors.filter((_, i) =>
      Array.from({ length: y.shape[1] }, (_, o) => i * y.shape[1] + o).every(
        (k) => y.data[k]! >= band.data[2 * k]! && y.data[k]! <= band.data[2 * k + 1]!,
      ),
    ).length;
    const even = Math.min(settings.samples, standing.drawn, samples.rows); // the first samples are points of the sequence
    const first = { data: samples.x.data.subarray(0, even * x.shape[1]), shape: [even, x.shape[1]] as const };
    const { low, high } = settings.domain;
    const u = first.data.map(
      (value, k) => (2 * (value - low[k % low.length]!)) / (high[k % low.length]! - low[k % low.length]!) - 1,
    );
    const values = { data: samples.y.data.subarray(0, even * y.shape[1]), shape: [even, y.shape[1]] as const };
    return {
      met: bound <= settings.tolerance,
      tolerance: settings.tolerance,
      bound,
      quantile: QUANTILE,
      confidence: CONFIDENCE,
      rows,
      beyond: { found, allowed },
      attempt,
      errors: {
        rootMeanSquare: Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / rows),
        median: quantile(sorted, 0.5),
        quantile90: quantile(sorted, 0.9),
        quantile99: quantile(sorted, 0.99),
        quantile999: quantile(sorted, QUANTILE),
        largest: sorted[rows - 1]!,
      },
      worst,
      band: {
        confidence: BAND,
        halfWidth: band.data.reduce(
          (most, _, k) => (k % 2 === 0 ? Math.max(most, (band.data[k + 1]! - band.data[k]!) / 2) : most),
          0,
        ),
        coverage: inside / rows,
      },
      hiddenLayers: this.learner!.widths,
      differential: samples.dydx !== undefined,
      cost: {
        evaluations,
        evaluationSeconds,
        seconds,
        joules: this.meter === undefined ? null : joules,
        energy: this.meter?.read().note ?? 'unknown here: pages cannot tell',
      },
      pays: {
        calls: secondsPerCall > secondsPerPrediction ? Math.ceil(seconds / (secondsPerCall - secondsPerPrediction)) : null,
        secondsPerCall,
        secondsPerPrediction,
      },
      chebyshev: forecastChebyshev({ data: u, shape: first.shape }, values, Math.max(bound, Number.MIN_VALUE)),
    };
  }

  // ---- what they share ----------------------------------------------------------------------------------------

  private get network(): MLP {
    this.finished ??= this.learner!.finished();
    return this.finished;
  }

  private answers(x: Float64Rows): Float64Rows {
    const { data, shape } = this.network.predict(x);
    return { data: Float64Array.from(data), shape };
  }

  private rowsOf(points: Float64Array): Float64Rows {
    const inputs = this.settings.domain.names.length;
    return { data: points, shape: [points.length / inputs, inputs] };
  }

  /** Calls f. What was answered before a failure goes to the samples. */
  private async call(points: Float64Array): Promise<Evaluated> {
    try {
      return await this.evaluator.evaluate(points);
    } catch (error) {
      const { kept } = this.evaluator;
      if (kept !== undefined) this.samples.add(kept.points, kept.values, kept.gradients);
      throw error;
    }
  }

  /** Calls f for points to learn from. */
  private async pay(points: Float64Array): Promise<void> {
    const { points: done, values, gradients } = await this.call(points);
    this.samples.add(done, values, gradients);
  }

  private judged({ points, values, gradients }: Evaluated): Checked {
    const x = this.rowsOf(points);
    const y: Float64Rows = { data: values, shape: [x.shape[0], values.length / x.shape[0]] };
    return { x, y, gradients, errors: errorsOf(this.network, x, y) };
  }

  private joined(parts: readonly Checked[]): Checked {
    const whole = (of: (part: Checked) => Float64Array) => {
      const out = new Float64Array(parts.reduce((sum, part) => sum + of(part).length, 0));
      let at = 0;
      for (const part of parts) {
        out.set(of(part), at);
        at += of(part).length;
      }
      return out;
    };
    const errors = whole((part) => part.errors);
    const smooth = parts.every(({ gradients }) => gradients !== undefined);
    return {
      x: { data: whole(({ x }) => x.data), shape: [errors.length, parts[0]!.x.shape[1]] },
      y: { data: whole(({ y }) => y.data), shape: [errors.length, parts[0]!.y.shape[1]] },
      gradients: smooth ? whole(({ gradients }) => gradients!) : undefined,
      errors,
    };
  }

  /** Points that have served as new ones become samples; the worst of them are where the next ones gather. */
  private keep({ x, y, gradients, errors }: Checked): void {
    const inputs = x.shape[1];
    const order = Array.from(errors.keys()).sort((a, b) => errors[b]! - errors[a]! || a - b);
    const most = Math.max(16, errors.length >> 4);
    this.centers = order.slice(0, most).map((row) => x.data.slice(row * inputs, (row + 1) * inputs));
    this.samples.add(x.data, y.data, gradients);
  }

  /** Samples to see whether the network can follow them: the last few thousand. */
  private someSamples(): [Float64Rows, Float64Rows] {
    const { x, y } = this.samples;
    const rows = Math.min(4096, x.shape[0]);
    const part = ({ data, shape }: Float64Rows): Float64Rows => ({
      data: data.subarray((shape[0] - rows) * shape[1]),
      shape: [rows, shape[1]],
    });
    return [part(x), part(y)];
  }

  /** Draws that nothing else in this run, or in one that it resumes, has made: the number of calls so far is their name. */
  private random(purpose: string): Random {
    return new Random(this.settings.seed, `approximate ${purpose} ${this.now().evaluations} ${this.standing.attempts}`);
  }

  private now(): Standing {
    const { standing, evaluator } = this;
    return {
      ...standing,
      evaluations: standing.evaluations + evaluator.evaluations,
      evaluationSeconds: standing.evaluationSeconds + evaluator.seconds,
      seconds: standing.seconds + (performance.now() - this.began) / 1000,
      joules: standing.joules + (this.meter?.read().joules ?? 0),
    };
  }

  private tell(phase: ApproximationProgress['phase']): void {
    const { evaluations, seconds, round } = this.now();
    this.settings.onProgress?.({ phase, round, evaluations, error: this.error, seconds, save: () => this.save() });
  }

  /** Seconds for one point, when many are asked for. */
  private timed(x: Float64Rows): number {
    this.network.predict(x);
    const began = performance.now();
    let turns = 0;
    do {
      this.network.predict(x);
      turns++;
    } while (performance.now() - began < 20);
    return (performance.now() - began) / 1000 / turns / x.shape[0];
  }
}

/** Calls that a run must be allowed: those it has made, its next samples, a check, a confirmation and the climb to the worst point. */
function fewestEvaluations({ confirmation = 0 }: Settings, { evaluations, attempts, wanted, next }: Standing): number {
  const draws = Math.max(confirmation, fewestDraws(QUANTILE, confidenceOf(attempts + 1)));
  return evaluations + (next === 'sample' && evaluations === 0 ? wanted : 0) + CHECKED + draws + CLIMBING;
}

/** The k-th confirmation may fail with probability 0.05 / 2^k: together at most 0.05. */
const confidenceOf = (attempt: number) => 1 - (1 - CONFIDENCE) / 2 ** attempt;
