// What the tables of activations, losses and optimizers name can be had: rules of the core by some options, makers by their names.

import { expect, test } from 'vitest';
import { Optimizer } from '../../assembly/abi.js';
import * as library from '../../src/entries/index.js';
import { activationNames, activationRow } from '../../src/plan/activations.js';
import { losses } from '../../src/plan/losses.js';
import optimizers from '../../src/plan/optimizers.js';
import { optimizerNames, resolveOptimizer } from '../../src/plan/resolveOptimizer.js';

test('every optimizer, and every loss and activation that has options, has a function of its name', () => {
  const hasOptions = (row: object) => 'options' in row;
  const names = [
    ...optimizerNames,
    ...activationNames.filter((name) => hasOptions(activationRow(name))),
    ...Object.entries(losses).flatMap(([name, row]) => (hasOptions(row) ? [name] : [])),
  ];
  for (const name of names) {
    const make = (library as unknown as Record<string, (() => object) | undefined>)[name];
    expect(make?.(), name).toEqual({ name });
  }
});

/** An optimizer with every one of its options at each of a few values, by itself and beside each other option. */
function variantsOf(name: (typeof optimizerNames)[number]): object[] {
  const single = Object.keys(optimizers[name].options).flatMap((option) =>
    [true, 0.5, 'velocity', 'ema'].map((value) => ({ [option]: value })),
  );
  return [{}, ...single, ...single.flatMap((first) => single.map((second) => ({ ...first, ...second })))];
}

test('every rule of the core is that of some optimizer', () => {
  const reached = new Set<Optimizer>();
  for (const name of optimizerNames)
    for (const options of variantsOf(name)) {
      try {
        reached.add(resolveOptimizer({ name, ...options }).rule);
      } catch {
        // a value that this option does not take
      }
    }
  const all = Object.keys(Optimizer).filter((key) => Number.isNaN(Number(key)));
  expect(all.filter((id) => !reached.has(Optimizer[id as keyof typeof Optimizer]))).toEqual([]);
});
