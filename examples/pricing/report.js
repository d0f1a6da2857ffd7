// Can a network be a proxy for a costly function? Tables of error and speed, pictures, and one HTML page that opens without a network.
//
//   npm run example:pricing                        into build/pricing
//   node examples/pricing/report.js --out FOLDER   there; --quick: with a hundredth of the work, to see that it runs; --docs: the picture of docs/pricing.md too

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '../../bench/support/relaxed.js';
import * as library from '../../dist/index.js';
import {
  alongMoneyness,
  convergenceOf,
  energyOf,
  errorCells,
  judgeCall,
  judgeGamma,
  learnCall,
  replaceAll,
  testOf,
} from './experiments.js';
import { cases } from './functions.js';
import { basketByMonteCarlo, equalCorrelation } from './baskets.js';
import { asianByMonteCarlo } from './monteCarlo.js';
import { pageOf, picturesOf } from './page.js';
import { standalone } from './pictures.js';

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'build/pricing' },
    quick: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
  },
});
const began = performance.now();
const { quick } = flags;
const say = (text) => console.log(text);

const test = testOf(quick ? 500 : 20_000);
const size = quick ? { rows: 512, epochs: 20 } : { rows: 100_000, epochs: 20 };
const learnt = {};
for (const [name, derivatives] of [
  ['values', false],
  ['derivatives', true],
]) {
  const { model, seconds } = await learnCall({ ...size, seed: 1, derivatives });
  learnt[name] = {
    model,
    figures: { ...judgeCall(model, test), seconds },
    curve: alongMoneyness(model),
    cells: errorCells(model),
  };
  const { price, delta } = learnt[name].figures;
  say(
    `a call from ${name}: price ${price.toExponential(2)}, delta ${delta.toExponential(2)} of the strike, ${seconds.toFixed(1)} s`,
  );
}
const of = (what) => ({ values: what(learnt.values), derivatives: what(learnt.derivatives) });
const cells = [...learnt.values.cells.cells, ...learnt.derivatives.cells.cells].map(({ value }) => value);
const figures = await convergenceOf(quick ? [64, 128] : [64, 256, 1024, 4096], quick ? 100 : 4000, test);
const replaced = await replaceAll(
  quick ? ['asian'] : Object.keys(cases),
  quick ? { tolerance: 0.2, samples: 256, concurrency: 2, hiddenLayers: [16] } : {},
  say,
);
const atTheMoney = { spot: 1, strike: 1, maturity: 1, volatility: 0.25, rate: 0.03 };
const facts = {
  machine: {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    runtime: `Node ${process.versions.node}`,
    date: new Date().toISOString().slice(0, 10),
  },
  call: { ...size, tested: test.X.length, ...of(({ figures }) => figures) },
  gamma: of(({ curve }) => judgeGamma(curve)),
  curves: of(({ curve }) => curve),
  maps: { ...of(({ cells }) => cells), domain: [Math.min(...cells), Math.max(...cells)] },
  convergence: figures,
  replaced: Object.fromEntries(
    Object.entries(replaced).map(([name, approximation]) => [
      name,
      {
        title: cases[name].title,
        inputs: approximation.names.length,
        certificate: approximation.certificate,
        text: String(approximation),
      },
    ]),
  ),
  noise: {
    asian: asianByMonteCarlo(atTheMoney, { fixings: 12, paths: 2000 }).standardError,
    basket: basketByMonteCarlo(
      {
        spots: [1, 1, 1, 1],
        weights: [0.25, 0.25, 0.25, 0.25],
        volatilities: [0.25, 0.25, 0.25, 0.25],
        correlation: equalCorrelation(4, 0.5),
        strike: 1,
        maturity: 1,
        rate: 0.03,
      },
      { paths: 2000 },
    ).standardError,
  },
  energy: await energyOf(learnt.values.model, quick ? 0.02 : 1, library.quantize),
};
facts.seconds = (performance.now() - began) / 1000;

const pictures = picturesOf(facts);
mkdirSync(flags.out, { recursive: true });
writeFileSync(join(flags.out, 'index.html'), pageOf(facts, pictures));
writeFileSync(join(flags.out, 'facts.json'), `${JSON.stringify({ ...facts, curves: undefined, maps: undefined }, null, 1)}\n`);
for (const [name, svg] of Object.entries(pictures)) writeFileSync(join(flags.out, `${name}.svg`), standalone(svg));
if (flags.docs) writeFileSync('docs/pictures/pricing-gamma.svg', standalone(pictures.gamma));
for (const { name, joulesPerMillion, microsecondsPerPrice, method } of facts.energy)
  say(
    `${name}: ${joulesPerMillion.toPrecision(2)} joules a million (${method}), ${microsecondsPerPrice.toPrecision(2)} microseconds each`,
  );
say(`\nwrote ${join(flags.out, 'index.html')}, ${facts.seconds.toFixed(0)} s`);
