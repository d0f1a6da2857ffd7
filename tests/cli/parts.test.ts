import { describe, expect, test } from 'vitest';
import { inferTask } from '../../src/cli/dataset.js';
import { Exit, exitCodes, failureOf } from '../../src/cli/exit.js';
import { bar, curve } from '../../src/cli/plot.js';
import { alignColumns } from '../../src/data/textColumns.js';
import { residualsOf, scoresOf } from '../../src/report/facts/scores.js';
import { parseCsv } from '../../src/entries/parts/data.js';
import { FeedforwardError, type ErrorCode } from '../../src/errors.js';

const target = (cells: readonly unknown[]) => parseCsv(`y\n${cells.join('\n')}\n`, { header: true }).summary()[0]!;

describe('the task', () => {
  test('is classification for text, yes-or-no and few whole numbers, regression for the rest', () => {
    expect(inferTask(target(['a', 'b', 'a']))).toBe('classification');
    expect(inferTask(target(['true', 'false', 'true']))).toBe('classification');
    expect(inferTask(target(Array.from({ length: 50 }, (_, i) => i % 3)))).toBe('classification');
    expect(inferTask(target(Array.from({ length: 10 }, (_, i) => i)))).toBe('regression');
    expect(inferTask(target(Array.from({ length: 50 }, (_, i) => (i % 3) + 0.5)))).toBe('regression');
    expect(inferTask(target(Array.from({ length: 500 }, (_, i) => i % 12)))).toBe('regression');
    expect(inferTask(target(['2024-01-01', '2024-01-02', '2024-01-01']))).toBe('regression');
  });
});

describe('exit codes', () => {
  test('every error has one that is documented, and one line', () => {
    const codes: ErrorCode[] = [
      'ERR_SHAPE',
      'ERR_EMPTY',
      'ERR_TYPE',
      'ERR_NONFINITE',
      'ERR_RANGE',
      'ERR_OPTION',
      'ERR_LABEL',
      'ERR_BATCH',
      'ERR_STATE',
      'ERR_BUSY',
      'ERR_DISPOSED',
      'ERR_MEMORY',
      'ERR_DIVERGED',
      'ERR_FORMAT',
      'ERR_FILE',
      'ERR_WORKER',
      'ERR_UNSUPPORTED',
    ];
    for (const code of codes) {
      const { exitCode, message } = failureOf(new FeedforwardError(code, 'one\n  two'));
      expect(exitCodes.map(([known]) => known)).toContain(exitCode);
      expect(message).toBe('one two');
    }
    expect(failureOf(new FeedforwardError('ERR_OPTION', 'x')).exitCode).toBe(2);
    expect(failureOf(new Exit(130, 'x', 'ABORTED')).exitCode).toBe(130);
    expect(failureOf(new TypeError('x is undefined'))).toMatchObject({ exitCode: 1, code: 'ERR_INTERNAL' });
  });
});

describe('pictures', () => {
  test('a curve has its limits at the axis and as many lines as asked', () => {
    const lines = curve([[1, 0.5, 0.25, 0.1]], 20, 4);
    expect(lines.length).toBe(6);
    expect(lines[0]).toMatch(/^ {2}1 │⠉/);
    expect(lines[3]).toMatch(/^0\.1 │.*[⢀⢄⣀]$/);
    expect(lines[5]!.trim()).toMatch(/^1 +4$/);
    expect(curve([[3, 3, 3]], 10, 2).length).toBe(4);
    expect(curve([[Number.NaN]], 10, 2)).toEqual([]);
    expect(curve([[-1, 2, 0]], 10, 3)[0]).toMatch(/^ *2 │/);
  });

  test('bars and columns line up', () => {
    expect(bar(0.5, 4)).toBe('██');
    expect(bar(1, 4)).toBe('████');
    expect(bar(-1, 4)).toBe('');
    expect(bar(0.03125, 4)).toBe('▏');
    expect(
      alignColumns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', 'ccc   d']);
  });
});

describe('scores', () => {
  test('leave out what the rows cannot tell', () => {
    const scores = scoresOf(['a', 'a', 'z'], { predicted: ['a', 'b', 'a'] });
    expect(Object.keys(scores)).toEqual(['accuracy', 'balancedAccuracy', 'f1']);
    expect(scores['accuracy']).toBeCloseTo(1 / 3, 12);
    expect(scoresOf(Float64Array.of(1, 2, 3), { predicted: Float64Array.of(1, 2, 4) })).toMatchObject({ r2: 0.5, maxError: 1 });
  });

  test('residuals have their mean, deviation and quantiles', () => {
    const truth = Float64Array.from({ length: 101 }, (_, i) => i);
    expect(residualsOf(truth, new Float64Array(101))).toMatchObject({ bias: 50, quantiles: [5, 25, 50, 75, 95] });
  });
});
