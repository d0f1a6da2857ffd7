// The report as one HTML page that needs nothing else: tables, and pictures as SVG in it.

import { COLOURS, convergence, errorMap, legend, lines } from './pictures.js';

const plain = (text) => String(text).replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const short = (value, digits = 2) =>
  value >= 1e5 || Math.abs(value) < 1e-6 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
const whole = (value) =>
  value === null ? 'never' : value < 1e9 ? Math.round(value).toLocaleString('en') : value.toExponential(1);
const time = (seconds) =>
  seconds < 1e-3 ? `${short(1e6 * seconds)} µs` : seconds < 1 ? `${short(1e3 * seconds)} ms` : `${short(seconds, 3)} s`;

function table(head, rows) {
  const cells = (row, tag) => row.map((cell, j) => `<${tag}${j === 0 ? '' : ' class="n"'}>${plain(cell)}</${tag}>`).join('');
  return `<div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`;
}

/** All pictures by name, from the figures alone. */
export function picturesOf({ curves, maps, convergence: figures }) {
  const along = (what) => ({
    exact: curves.values.map(({ moneyness, exact }) => [moneyness, exact[what]]),
    values: curves.values.map(({ moneyness, network }) => [moneyness, network[what]]),
    derivatives: curves.derivatives.map(({ moneyness, network }) => [moneyness, network[what]]),
  });
  const x = { label: 'spot / strike' };
  const over = (name) => figures.map((of) => [of.rows, of[name]]);
  const map = (which) =>
    errorMap(`Mean error of the price, learnt from ${which}`, {
      ...maps[which],
      x,
      y: { label: 'volatility per year' },
      domain: maps.domain,
    });
  return {
    price: lines('Price of the call along spot / strike', {
      x,
      y: { label: 'price / strike' },
      series: along('price'),
      colours: COLOURS,
    }),
    delta: lines('Delta of the call along spot / strike', { x, y: { label: 'delta' }, series: along('delta'), colours: COLOURS }),
    gamma: lines('Gamma of the call along spot / strike', {
      ...{ x, y: { label: 'gamma x strike' }, series: along('gamma'), colours: COLOURS, rule: true },
    }),
    'error-values': map('values'),
    'error-derivatives': map('derivatives'),
    'convergence-price': convergence('Error of the price against the number of samples', {
      ...{ x: { label: 'samples' }, y: { label: 'root mean square error of the price / strike' }, colours: COLOURS },
      series: {
        values: over('values').map(([n, of]) => [n, of.price]),
        derivatives: over('derivatives').map(([n, of]) => [n, of.price]),
      },
    }),
    'convergence-delta': convergence('Error of delta against the number of samples', {
      ...{ x: { label: 'samples' }, y: { label: 'root mean square error of delta' }, colours: COLOURS },
      series: {
        values: over('values').map(([n, of]) => [n, of.delta]),
        derivatives: over('derivatives').map(([n, of]) => [n, of.delta]),
      },
    }),
  };
}

const figure = (svg, caption) => `<figure>${svg}<figcaption>${caption}</figcaption></figure>`;

/** The page. `facts`: what report.js has measured; `pictures`: what picturesOf made of them. */
export function pageOf(facts, pictures) {
  const { call, gamma, replaced, energy, machine, maps } = facts;
  const three = legend(['exact', 'values', 'derivatives'], COLOURS);
  const two = legend(['values', 'derivatives'], COLOURS);
  const scale = `<p class="legend"><span>${short(maps.domain[0])}</span><span class="viridis"></span><span>${short(maps.domain[1])} of the strike, on a logarithmic scale</span></p>`;
  const row = (name, of, shape) => [
    name,
    short(of.price),
    short(of.largest),
    short(of.delta),
    shape.lowest > -0.01
      ? `yes, to ${short(Math.abs(shape.lowest))} of the peak`
      : `no, down to -${short(-shape.lowest)} of the peak`,
    shape.turns,
    time(of.seconds),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Networks in place of pricing functions</title>
<style>
:root { color-scheme: light dark; --ink: #1d2024; --paper: #fbfaf7; --card: #fff; --line: #d9d5cb; --quiet: #5b6470; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --paper: #16181c; --card: #1f2228; --line: #3a3f48; --quiet: #a2a9b4; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.2; } h2 { margin-top: 2.5rem; font-size: 1.3rem; }
p, figcaption, li { max-width: 46rem; } figcaption, .quiet { color: var(--quiet); font-size: .9rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
svg { width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; background: var(--card); font-size: .9rem; }
th, td { padding: .35rem .7rem; border: 1px solid var(--line); text-align: left; vertical-align: top; } td:first-child { min-width: 9rem; } .n { text-align: right; white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 1rem; font-size: .9rem; align-items: center; } .legend i { display: inline-block; width: 1.4rem; height: .25rem; margin-right: .4rem; vertical-align: middle; }
.viridis { width: 9rem; height: .7rem; background: linear-gradient(90deg, #440154, #3b528b, #21918c, #5ec962, #fde725); }
pre { overflow-x: auto; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; font-size: .8rem; white-space: pre-wrap; }
</style></head><body><main>
<h1>Networks in place of pricing functions</h1>
<p>How close a small network comes to functions that price options, what it takes to train one, when that pays, and what it costs in energy. Prices are per unit of strike.</p>
<p class="quiet">${plain(machine.processor)}, ${machine.cores} cores, ${plain(machine.runtime)}, ${machine.date}; <code>npm run example:pricing</code>, ${short(facts.seconds, 3)} s.</p>

<h2>A call, from values and from derivatives</h2>
<p>A network 4-64-64-1 learns Black and Scholes’ price over spot / strike 0.5 to 1.5, 0.05 to 2 years, volatility 0.05 to 0.6, rates 0 to 0.08, in ${call.epochs} epochs of ${whole(call.rows)} samples; once from prices alone, once from prices and their four derivatives. Errors are root mean squares on ${whole(call.tested)} other points.</p>
${table(
  ['learnt from', 'price', 'largest error', 'delta', 'gamma not negative', 'turns of gamma (1 is right)', 'training'],
  [row('values', call.values, gamma.values), row('values and derivatives', call.derivatives, gamma.derivatives)],
)}
${three}
<div class="pictures">
${figure(pictures.price, 'Half a year, volatility 0.25, rate 0.03. Both networks lie on the exact price.')}
${figure(pictures.delta, 'Delta is the slope of the network in the spot.')}
${figure(pictures.gamma, 'Gamma is its curvature: nobody showed it to either network.')}
</div>
<h2>Where they err</h2>
<p>Mean error of the price over maturities and rates, in each cell of spot / strike and volatility.</p>${scale}
<div class="pictures">${figure(pictures['error-values'], 'Learnt from values.')}${figure(pictures['error-derivatives'], 'Learnt from values and derivatives.')}</div>
<h2>How many samples</h2>
<p>As many steps of training for each; only the samples differ.</p>${two}
<div class="pictures">${figure(pictures['convergence-price'], 'Price.')}${figure(pictures['convergence-delta'], 'Delta.')}</div>

<h2>In place of costly functions</h2>
<p><code>approximate</code> calls the function in worker threads, trains, and measures errors on points drawn for that alone. With 95 % confidence 99.9 % of the domain is answered within the bound.</p>
${table(
  [
    'in place of',
    'inputs',
    'asked for',
    'bound',
    'rms error',
    'worst found',
    'calls made',
    'a call',
    'a prediction',
    'times as fast',
    'pays after',
    'Chebyshev tensor',
  ],
  Object.values(replaced).map(({ title, inputs, certificate: c }) => [
    title,
    inputs,
    short(c.tolerance),
    `${short(c.bound)}${c.met ? '' : ' (NOT MET)'}`,
    short(c.errors.rootMeanSquare),
    short(c.worst.error),
    whole(c.cost.evaluations),
    time(c.pays.secondsPerCall),
    time(c.pays.secondsPerPrediction),
    whole(c.pays.secondsPerCall / c.pays.secondsPerPrediction),
    `${whole(c.pays.calls)} calls`,
    `${whole(c.chebyshev.evaluations)} calls`,
  ]),
)}
<p class="quiet">The last column is the honest rival: calls that a tensor of Chebyshev polynomials is forecast to need for the same error. Where it is the smaller one, take the tensor. Asian and basket prices are simulations with numbers that do not change: the network follows the simulation, whose own standard error is ${short(facts.noise.asian)} and ${short(facts.noise.basket)} at the money. A call is timed as the run made it, with all worker threads busy.</p>
${Object.values(replaced)
  .map(({ title, text }) => `<details><summary>Certificate: ${plain(title)}</summary><pre>${plain(text)}</pre></details>`)
  .join('\n')}

<h2>Energy</h2>
${table(
  ['a million prices by', 'joules', 'microseconds each', 'figure'],
  energy.map((of) => [
    of.name,
    short(of.joulesPerMillion),
    short(of.microsecondsPerPrice),
    of.method === 'rapl' ? 'measured' : 'estimate',
  ]),
)}
<p class="quiet">${plain(energy[0].note)}.</p>
</main></body></html>
`;
}
