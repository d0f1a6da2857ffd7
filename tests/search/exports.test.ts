// What a search found, read by other tools: Optuna's JournalStorage (Debian's python3-optuna), and CSV.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseCsv } from '../../src/entries/parts/data.js';
import { here, search, toOptunaJournal, trialsToCsv, type Candidate, type Space } from '../../src/entries/search.js';

const folder = mkdtempSync(join(tmpdir(), 'exports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const space: Space = {
  rate: { logUniform: [1e-4, 1] },
  x: { uniform: [0, 1], step: 0.25 },
  units: { logInteger: [1, 64] },
  depth: { integer: [1, 9], step: 2 },
  layers: [[8], [16, 16], null],
  kind: ['a', 'b', true, 1.5],
  only: { uniform: [-1, 1], when: { kind: ['a', true] } },
};
const objective = ({ rate, x, units }: Candidate) => {
  if ((units as number) > 50) throw new Error('too wide');
  return { score: (rate as number) + (x as number), values: { cost: units as number } };
};
const pruner = {
  settings: 'odd ones stop',
  plan: () => [
    { folds: [0], epochs: 3 },
    { folds: [0], epochs: undefined },
  ],
  keep: ({ running }: { running: readonly { number: number }[] }) => running.map(({ number }) => number % 5 !== 1),
};
const findings = await search(space, async (candidate, { epochs }) => ({ ...objective(candidate), epochs: epochs ?? 7 }), {
  ...{ runner: here(), trials: 40, sampler: 'random', seed: 3, pruner },
  objectives: ['score', { name: 'cost', goal: 'minimize' }],
});

const python = '/usr/bin/python3';
const optuna = spawnSync(python, ['-c', 'import optuna']).status === 0;
const reader = `
import json, sys, warnings; warnings.simplefilter('ignore')
import optuna; optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(sys.argv[1]))
study = optuna.load_study(study_name='ours', storage=storage)
print(json.dumps({'directions': [d.name for d in study.directions], 'front': sorted(t.number for t in study.best_trials),
  'trials': [{'number': t.number, 'state': t.state.name, 'params': t.params, 'values': t.values, 'steps': t.intermediate_values,
              'epochs': t.user_attrs['epochs'], 'seconds': t.duration.total_seconds()} for t in study.get_trials()]}))
`;

test.skipIf(!optuna)('a journal is read by Optuna 3.1 as the trials that they are (needs python3-optuna)', () => {
  const path = join(folder, 'journal.log');
  writeFileSync(path, toOptunaJournal(findings, { name: 'ours' }));
  const { stdout, stderr } = spawnSync(python, ['-c', reader, path], { encoding: 'utf8' });
  expect(stdout, stderr).not.toBe('');
  const read = JSON.parse(stdout) as { directions: string[]; front: number[]; trials: Record<string, unknown>[] };
  expect(read.directions).toEqual(['MAXIMIZE', 'MINIMIZE']);
  expect(new Set(findings.trials.map(({ state }) => state))).toEqual(new Set(['complete', 'pruned', 'failed']));
  const names = { complete: 'COMPLETE', pruned: 'PRUNED', failed: 'FAIL', stopped: 'FAIL' };
  const asText = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  read.trials.forEach((trial, i) => {
    const own = findings.trials[i]!;
    expect(trial).toMatchObject({
      ...{ number: i, state: names[own.state], epochs: own.epochs },
      values: own.state === 'complete' ? [own.values['score'], own.values['cost']] : null,
      params: Object.fromEntries(Object.entries(own.candidate).map(([name, value]) => [name, asText(value)])),
    });
    expect(Object.keys(trial['params'] as object).length).toBe(Object.keys(own.candidate).length);
    expect(trial['seconds']).toBeCloseTo(own.seconds, 2);
    if (own.state === 'pruned') expect(trial['steps']).toEqual({ 3: own.steps[0]!.value });
  });
  expect(read.trials).toHaveLength(40);
  expect(read.front).toEqual(findings.paretoFront.map(({ number }) => number));
});

test('CSV holds every trial, cell by cell', () => {
  const table = parseCsv(trialsToCsv(findings));
  expect(table.rows).toBe(40);
  expect(table.columns.map(({ name }) => name)).toEqual([
    'number',
    'round',
    'state',
    ...Object.keys(space),
    'score',
    'cost',
    'deviation',
    'fold 0',
    'epochs',
    'seconds',
    'error',
  ]);
  findings.trials.forEach(({ number, state, candidate, values, error }, i) => {
    expect([table.cell(i, 'number'), table.cell(i, 'state'), table.cell(i, 'rate')]).toEqual([number, state, candidate['rate']]);
    expect(table.cell(i, 'only')).toBe(candidate['only'] ?? null);
    expect(table.cell(i, 'score')).toBe(Number.isNaN(values['score']) ? null : values['score']);
    expect(table.cell(i, 'error')).toBe(error ?? null);
  });
});
