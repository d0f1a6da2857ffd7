// Networks in place of functions: what their certificates say holds on fresh points, nothing that was paid for is lost, and what cannot be had is
// refused by name.

import { describe, expect, test, vi } from 'vitest';
import { approximate } from '../../src/approximate/approximate.js';
import { Approximation } from '../../src/approximate/approximation.js';
import { allowedAbove, fewestDraws } from '../../src/data/certainty/quantileBound.js';
import { Random } from '../../src/data/random.js';
import { loadPredictor } from '../../src/predict/parts/loadAny.js';
import type { FeedforwardError } from '../../src/errors.js';
import { loadEstimator } from '../../src/estimators/load.js';
import { MLP } from '../../src/mlp/mlp.js';
import { codeOf, refusal } from '../support/errors.js';
import { epidemicDomain, everInfected } from './epidemic.js';

type Box = Readonly<Record<string, readonly [number, number]>>;

/** Points that nothing else draws. */
function fresh(domain: Box, rows: number): Record<string, number>[] {
  const random = new Random(987, 'fresh');
  return Array.from({ length: rows }, () =>
    Object.fromEntries(Object.entries(domain).map(([name, [low, high]]) => [name, random.between(low, high)])),
  );
}

/**
 * The certificate holds on fresh points: a thousandth of 5,000, five, may lie beyond the bound, and chance makes it 14 once in a few thousand times;
 * the band holds what it says, give or take four standard deviations of both samples.
 */
function confirm(approximation: Approximation, domain: Box, f: (point: never) => number): void {
  const { certificate } = approximation;
  const points = fresh(domain, 5000);
  const truth = points.map((point) => f(point as never));
  const predicted = approximation.predict(points).data;
  const errors = truth.map((value, i) => Math.abs(value - predicted[i]!));
  expect(errors.filter((error) => error > certificate.bound).length).toBeLessThan(15);
  const rootMeanSquare = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  expect(rootMeanSquare / certificate.errors.rootMeanSquare).toBeGreaterThan(0.8);
  expect(rootMeanSquare / certificate.errors.rootMeanSquare).toBeLessThan(1.25);
  const band = approximation.predictInterval(points, { confidence: 0.95 });
  const inside = truth.filter((value, i) => value >= band.row(i)[0]! && value <= band.row(i)[1]!).length / truth.length;
  expect(Math.abs(inside - 0.95)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 1024 + (0.05 * 0.95) / 5000));
  expect(Math.abs(certificate.band.coverage - 0.95)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 1024 + (0.05 * 0.95) / 3688));
}

describe('three functions that are no prices', () => {
  test('a simulation of six parameters', async () => {
    const approximation = await approximate(everInfected, { domain: epidemicDomain, tolerance: 0.1, samples: 1024, seed: 1 });
    const { certificate } = approximation;
    expect(certificate.met).toBe(true);
    expect(certificate.bound).toBeLessThanOrEqual(0.1);
    expect(certificate.worst.error).toBeGreaterThanOrEqual(certificate.errors.largest);
    expect(certificate.rows).toBeGreaterThanOrEqual(2995);
    expect(certificate.cost.evaluations).toBeGreaterThanOrEqual(1024 + 1024 + certificate.rows);
    confirm(approximation, epidemicDomain, everInfected);
    expect(approximation.toString()).toMatch(/^Met: with 95 % confidence 99\.9 % of the domain[\s\S]*Chebyshev tensor/);
  });

  test('one with kinks', async () => {
    const domain = { x: [0, 1], y: [0, 1] } as const;
    const kinked = ({ x, y }: { x: number; y: number }) => Math.abs(x - y) + 0.3 * Math.max(x + y - 1, 0);
    const approximation = await approximate(kinked, { domain, tolerance: 0.04, samples: 512, seed: 2 });
    expect(approximation.certificate.met).toBe(true);
    expect(approximation.certificate.chebyshev.evaluations).toBeGreaterThan(15);
    confirm(approximation, domain, kinked);
    // The worst is on one of the kinks.
    const { x, y } = approximation.certificate.worst.point as { x: number; y: number };
    expect(Math.min(Math.abs(x - y), Math.abs(x + y - 1))).toBeLessThan(0.1);
  });

  test('one that returns promises, in worker threads', async () => {
    const domain = { damping: [0, 1], frequency: [0, 3], time: [0, 2] } as const;
    const module = new URL('./functions.mjs', import.meta.url);
    const options = { domain, tolerance: 0.08, samples: 512, seed: 3, hiddenLayers: [24] };
    const approximation = await approximate(module, { ...options, concurrency: 2 });
    expect(approximation.certificate.met).toBe(true);
    const plain = ({ damping, frequency, time }: Record<string, number>) =>
      Math.exp(-damping! * time!) * Math.cos(frequency! * time!);
    confirm(approximation, domain, plain);
    // How many threads there are, or none, changes nothing but the time.
    const here = await approximate(async (point) => plain(point), { ...options, concurrency: 5 });
    expect(here.model.getVector()).toEqual(approximation.model.getVector());
    expect(here.certificate.bound).toBe(approximation.certificate.bound);
  });
});

describe('what an approximation is', () => {
  const domain = { a: [1000, 1001], b: [-2, 2] } as const;
  const f = ({ a, b }: { a: number; b: number }) => ({
    value: [50 + (a - 1000) * b, b * b],
    gradient: [{ a: b, b: a - 1000 }, [0, 2 * b]],
  });
  const quick = { domain, tolerance: 0.5, samples: 256, seed: 1 } as const;

  test('is saved and loaded whole, in a file that feedforward/predict reads with guard and band', async () => {
    const own = await approximate(f, quick);
    const loaded = Approximation.load(own.save());
    const predictor = loadPredictor<ReturnType<MLP['predict']>>(own.save());
    const points = [
      { a: 1000.25, b: -1 },
      { b: 1.5, a: 1001 },
    ];
    expect(loaded.predict(points)).toEqual(own.predict(points));
    expect(predictor.predict(points).data).toEqual(own.predict(points).data);
    expect(predictor.predictInterval(points, { confidence: 0.9 })).toEqual(own.predictInterval(points));
    expect(loaded.certificate).toEqual(own.certificate);
    expect([predictor.kind, predictor.featureNames]).toEqual(['Approximation', ['a', 'b']]);
    expect(loaded.predict([[1000.25, -1]]).row(0)).toEqual(own.predict(points).row(0));
    expect(own.predict(points).data[0]).toBeGreaterThan(49);
    expect(own.predict(points).data[0]).toBeLessThan(50.5);
    expect(own.gradient(points, 1).shape).toEqual([2, 2]);
    for (const outside of [[[1001.1, 0]], [{ a: 1000, b: -2.01 }]]) {
      const expected = /row 0: [ab] is -?[\d.]+, but the approximation was made, and its errors measured, for/;
      for (const predict of [
        () => own.predict(outside),
        () => loaded.predictInterval(outside),
        () => predictor.predict(outside),
      ]) {
        expect(refusal(predict).code).toBe('ERR_RANGE');
        expect(refusal(predict).message).toMatch(expected);
      }
    }
    expect(codeOf(() => predictor.predictInto(Float64Array.of(1002, 0), new Float64Array(2)))).toBe('ERR_RANGE');
    expect(refusal(() => own.predict([{ a: 1000, c: 1 }])).message).toBe('points[0]: there is no "c" here. Expected a, b.');
    expect(codeOf(() => own.predict([{ a: 1000 }] as never))).toBe('ERR_TYPE');
    expect(codeOf(() => own.predict([[1000]]))).toBe('ERR_SHAPE');
    // Ends that float32 rounds outwards are inside.
    expect(own.predict([Float32Array.of(1001, 2)]).shape).toEqual([1, 2]);
  });

  test('warns once of points outside where that was asked for, here and in the file', async () => {
    const own = await approximate(f, { ...quick, outside: 'warn' });
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      for (const answering of [own, Approximation.load(own.save()), loadPredictor(own.save())]) {
        answering.predict([[1003, 0]]);
        answering.predict([[1003, 0]]);
      }
      expect(warned.mock.calls).toHaveLength(3);
      expect(warned.mock.calls[0]![0]).toMatch(/a is 1003, but .* from 1000 to 1001.*is unknown/);
    } finally {
      warned.mockRestore();
    }
  });

  test('is the same for the same seed, and another for another', async () => {
    const [one, again, other] = [
      await approximate(f, quick),
      await approximate(f, quick),
      await approximate(f, { ...quick, seed: 2 }),
    ];
    expect(again.model.getVector()).toEqual(one.model.getVector());
    expect(again.certificate.errors).toEqual(one.certificate.errors);
    expect(other.model.getVector()).not.toEqual(one.model.getVector());
  });

  test('learns from derivatives where the function gives them, by list or by name: as many samples bring it closer', async () => {
    const domain = { a: [-1, 1], b: [-1, 1] } as const;
    const value = ({ a, b }: { a: number; b: number }) => Math.sin(3 * a) * Math.exp(b);
    const gradient = ({ a, b }: { a: number; b: number }) => [3 * Math.cos(3 * a) * Math.exp(b), value({ a, b })] as const;
    const options = { domain, tolerance: 1e-6, samples: 64, seconds: 1e-3, seed: 1, hiddenLayers: [12] };
    const plain = await approximate(value, options);
    const smooth = await approximate((p) => ({ value: value(p), gradient: gradient(p) }), options);
    const named = await approximate((p) => ({ value: value(p), gradient: { b: gradient(p)[1], a: gradient(p)[0] } }), options);
    expect([plain.certificate.differential, smooth.certificate.differential]).toEqual([false, true]);
    expect(smooth.certificate.errors.rootMeanSquare).toBeLessThan(plain.certificate.errors.rootMeanSquare / 2);
    expect(named.model.getVector()).toEqual(smooth.model.getVector());
  });

  test('refuses files of other things, and is refused where estimators are loaded', async () => {
    const own = await approximate(({ x }: { x: number }) => x, {
      domain: { x: [0, 1] },
      tolerance: 0.5,
      samples: 64,
      hiddenLayers: [4],
    });
    expect(refusal(() => loadEstimator(own.save())).message).toMatch(/^This file holds an approximation/);
    const plain = new MLP({ inputs: 1, layers: [{ type: 'dense', units: 1 }] });
    expect(refusal(() => Approximation.load(plain.save())).message).toMatch(/holds no approximation/);
    const torn = plain.save({ sections: { approximation: { names: ['x'], low: [0], high: [0], outside: 'refuse' } } });
    expect(codeOf(() => Approximation.load(torn))).toBe('ERR_FORMAT');
    expect(codeOf(() => loadPredictor(torn))).toBe('ERR_FORMAT');
  });
});

describe('where a run ends before its time', () => {
  const domain = { x: [0, 1] } as const;
  const wave = ({ x }: { x: number }) => Math.sin(12 * x);

  test('says plainly that the tolerance was not met, and the bound that was', async () => {
    const domain = { x: [0, 1], y: [0, 1] } as const;
    const rough = ({ x, y }: { x: number; y: number }) => Math.sin(40 * x * y) * Math.sign(x - y);
    const own = await approximate(rough, { domain, tolerance: 1e-3, samples: 64, evaluations: 5000 });
    const { certificate } = own;
    expect(certificate.met).toBe(false);
    expect(certificate.bound).toBeGreaterThan(0.1);
    expect(certificate.cost.evaluations).toBeLessThanOrEqual(5000);
    expect(certificate.beyond.found).toBeGreaterThan(certificate.beyond.allowed);
    expect(own.toString()).toMatch(/^NOT MET: asked for 99\.9 % of the domain within 0\.001, reached/);
    confirm(own, domain, rough);
  });

  test('keeps what was paid for when the function fails, names the point, and goes on from there', async () => {
    let calls = 0;
    const failing = (point: { x: number }) => {
      if (++calls === 300) throw new Error('the server is gone');
      return wave(point);
    };
    const options = { domain, tolerance: 0.2, samples: 256, seed: 1 };
    const error = (await approximate(failing, options).catch((e: unknown) => e)) as FeedforwardError;
    expect(error.code).toBe('ERR_STATE');
    expect(error.message).toMatch(/^The function failed at x = 0\.\d+: the server is gone\..*details\.progress/);
    expect((error.cause as Error).message).toBe('the server is gone');
    const resume = error.details['progress'] as Uint8Array;
    const before = calls;
    const own = await approximate(wave, { ...options, resume });
    expect(own.certificate.met).toBe(true);
    expect(own.certificate.cost.evaluations).toBeGreaterThanOrEqual(before - 1 + own.certificate.rows);
    expect(
      codeOf(() => {
        throw error;
      }),
    ).toBe('ERR_STATE');
    await expect(approximate(wave, { ...options, seed: 2, resume })).rejects.toThrow(/another domain or another seed/);
    const damaged = resume.slice();
    damaged[damaged.length - 9]! ^= 1;
    await expect(approximate(wave, { ...options, resume: damaged })).rejects.toThrow(/checksum does not fit/);
  });

  test('goes on from the progress of any step to the bits that it would have come to', async () => {
    const domain = { x: [0, 1], y: [0, 1] } as const;
    const wave = ({ x, y }: { x: number; y: number }) => Math.sin(9 * x * y);
    const options = { domain, tolerance: 0.1, samples: 64, seed: 5, hiddenLayers: [16, 16] };
    const saved: Uint8Array[] = [];
    const whole = await approximate(wave, { ...options, onProgress: ({ save }) => saved.push(save()) });
    expect(saved.length).toBeGreaterThan(4); // more than one round
    for (const resume of [saved[0]!, saved[2]!, saved.at(-2)!]) {
      const other = await approximate(wave, { ...options, resume });
      expect(other.model.getVector()).toEqual(whole.model.getVector());
      expect(other.certificate.errors).toEqual(whole.certificate.errors);
      expect(other.certificate.cost.evaluations).toBe(whole.certificate.cost.evaluations);
    }
  });

  test('rejects with an AbortError by the signal, also while the function hangs, and holds the bytes to go on from', async () => {
    const control = new AbortController();
    let calls = 0;
    const hanging = ({ x }: { x: number }) => {
      if (++calls < 100) return x;
      setTimeout(() => control.abort(), 5);
      return new Promise<number>(() => {});
    };
    const error = (await approximate(hanging, { domain, tolerance: 0.1, samples: 128, signal: control.signal }).catch(
      (e: unknown) => e,
    )) as Error & { progress: Uint8Array };
    expect(error.name).toBe('AbortError');
    const own = await approximate(({ x }) => x, { domain, tolerance: 0.1, samples: 128, resume: error.progress });
    expect(own.certificate.met).toBe(true);
  });

  test('confirms anew on other points where a confirmation finds too much, which spends more of the confidence', async () => {
    // A needle of 3 points in 10,000, which a check of 1,024 mostly misses and a confirmation of 3,688 mostly finds.
    const needle = ({ x }: { x: number }) => (Math.abs(x - 0.7) < 1.5e-4 ? 1 : 0);
    const own = await approximate(needle, {
      domain,
      tolerance: 0.1,
      samples: 64,
      evaluations: 20_000,
      seed: 2,
      hiddenLayers: [4],
    });
    const { certificate } = own;
    expect(certificate.attempt).toBeGreaterThan(1);
    expect(certificate.rows).toBe(fewestDraws(0.999, 1 - 0.05 / 2 ** certificate.attempt));
    expect(certificate.beyond.allowed).toBe(0);
    expect(certificate.met).toBe(certificate.beyond.found === 0);
    expect(certificate.cost.evaluations).toBeLessThanOrEqual(20_000);
  });

  test('ends after the seconds it was given, with a certificate', async () => {
    const own = await approximate(wave, { domain, tolerance: 1e-7, samples: 64, seconds: 1e-3 });
    expect(own.certificate.met).toBe(false);
    expect(own.certificate.attempt).toBe(1);
  });
});

describe('what approximate refuses', () => {
  const domain = { x: [0, 1] } as const;
  const options = { domain, tolerance: 0.1, samples: 64 };
  const rejected = async (f: unknown, change: object = {}) =>
    (await approximate(f as never, { ...options, ...change } as never).catch((e: unknown) => e)) as FeedforwardError;

  test.each([
    [{ tolerance: 0 }, /^tolerance: expected a number > 0/],
    [{ tolerance: undefined }, /^tolerance: expected a number > 0, got undefined/],
    [{ domain: { x: [1, 0] } }, /^domain\.x: expected \[low, high\] with low < high, got \[1,0\]/],
    [{ domain: {} }, /^domain: expected 1 to 32 inputs, got 0/],
    [{ domain: Object.fromEntries(Array.from({ length: 33 }, (_, j) => [`x${j}`, [0, 1]])) }, /expected 1 to 32 inputs, got 33/],
    [{ domain: undefined }, /^domain: expected a range for each input/],
    [{ samples: 100 }, /^samples: expected a power of two, such as 128/],
    [{ evaluations: 2000 }, /^evaluations: 2000 are too few.*Allow 4884/],
    [{ confirmation: 100 }, /^confirmation: 100 points cannot give the confidence. Take 3688/],
    [{ toleranse: 1 }, /Did you mean "tolerance"/],
    [{ resume: [1, 2] }, /^resume: expected the bytes/],
    [{ outside: 'clip' }, /^outside: unknown value "clip"/],
  ])('%j', async (change, message) => {
    const error = await rejected(() => 0, change);
    expect(error.message).toMatch(message);
  });

  test.each([
    [() => Number.NaN, 'ERR_NONFINITE', /^f\(x = 0\.\d+\) is NaN/],
    [() => 'a', 'ERR_TYPE', /must be a number, a list of numbers or { value, gradient }, got "a"/],
    [() => [], 'ERR_SHAPE', /gave 0 numbers/],
    [({ x }: { x: number }) => (x > 0.5 ? [1] : [1, 2]), 'ERR_SHAPE', /gave \d numbers, but other points \d/],
    [() => ({ value: 1, gradient: [1, 2] }), 'ERR_SHAPE', /a gradient of 2 numbers, but there are 1 inputs/],
    [() => ({ value: 1, gradient: { y: 2 } }), 'ERR_TYPE', /its derivative in x must be a number, got undefined/],
    [() => ({ value: [1, 2], gradient: [[1]] }), 'ERR_SHAPE', /2 values and gradients of 1/],
    [5, 'ERR_TYPE', /^f: expected a function, the URL of a module/],
  ])('what f is or gives: %s', async (f, code, message) => {
    const error = await rejected(f);
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  test('modules that cannot be used, and what fails within a thread, at its point', async () => {
    const module = new URL('./functions.mjs', import.meta.url);
    expect(await rejected({ module, name: 'none' }, { concurrency: 1 })).toMatchObject({
      code: 'ERR_WORKER',
      message: expect.stringMatching(/exports no function called none/),
    });
    expect((await rejected(new URL('./nowhere.mjs', import.meta.url), { concurrency: 1 })).code).toBe('ERR_WORKER');
    const failed = await rejected({ module, name: 'failing' }, { concurrency: 2 });
    expect(failed.code).toBe('ERR_STATE');
    expect(failed.message).toMatch(/^The function failed at x = 0\.9\d+: too far\./);
    const pair = await approximate({ module, name: 'pair' }, { ...options, tolerance: 0.3, concurrency: 2 });
    expect(pair.model.outputs).toBe(2);
    expect(pair.certificate.differential).toBe(true);
  });
});

describe('bounds on quantiles from order statistics', () => {
  test('need 2,995 draws for 0.999 with 95 % confidence, of which none may lie beyond', () => {
    expect(fewestDraws(0.999, 0.95)).toBe(2995);
    expect(allowedAbove(2995, 0.999, 0.95)).toBe(0);
    expect(allowedAbove(2994, 0.999, 0.95)).toBe(-1);
    expect(allowedAbove(10_000, 0.999, 0.95)).toBe(4); // P(Poisson(10) <= 4) = 0.029, <= 5: 0.067
  });

  test('are the binomial distribution summed term by term', () => {
    for (const [n, q, confidence] of [
      [20, 0.8, 0.9],
      [50, 0.9, 0.95],
      [59, 0.95, 0.95],
      [200, 0.99, 0.8],
    ] as const) {
      const term = (k: number) => {
        let value = q ** (n - k) * (1 - q) ** k;
        for (let i = 0; i < k; i++) value *= (n - i) / (i + 1);
        return value;
      };
      let c = -1;
      for (let sum = term(0); sum <= 1 - confidence; sum += term(c + 1)) c++;
      expect(allowedAbove(n, q, confidence)).toBe(c);
    }
  });

  test('hold as often as they say: 0.9-quantiles of 2,000 samples of 100 uniform numbers', () => {
    const random = new Random(4, 'bounds');
    const allowed = allowedAbove(100, 0.9, 0.95);
    let held = 0;
    for (let turn = 0; turn < 2000; turn++) {
      const sorted = Float64Array.from({ length: 100 }, () => random.uniform()).sort();
      if (sorted[99 - allowed]! >= 0.9) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.95 - 0.005);
    expect(held / 2000).toBeLessThan(0.99);
  });
});
