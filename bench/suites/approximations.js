// Networks in place of three functions that are no prices, each certificate confirmed on 100,000 fresh points.

import { Random, approximate } from '../../dist/index.js';
import { machineFunctions } from '../support/functions.js';
import { table } from '../support/report.js';

export async function approximations() {
  const rows = [['in place of', 'calls', 'seconds', 'bound', 'beyond it, of 100,000', 'allowed', 'tensor, calls']];
  for (const [name, { f, module, domain, tolerance }] of Object.entries(machineFunctions)) {
    const approximation = await approximate(module ?? f, { domain, tolerance, seed: 1 });
    const { certificate } = approximation;
    const random = new Random(321, name);
    const points = Array.from({ length: 100_000 }, () =>
      Object.fromEntries(Object.entries(domain).map(([axis, [low, high]]) => [axis, random.between(low, high)])),
    );
    const predicted = approximation.predict(points).data;
    const beyond = points.filter((point, i) => Math.abs(f(point) - predicted[i]) > certificate.bound).length;
    rows.push([
      name,
      certificate.cost.evaluations.toLocaleString('en'),
      certificate.cost.seconds.toFixed(1),
      `${certificate.bound.toPrecision(2)} of ${tolerance}${certificate.met ? '' : ', NOT MET'}`,
      beyond,
      100,
      certificate.chebyshev.evaluations.toPrecision(2),
    ]);
  }
  console.log(`\n${table(rows)}`);
  return {};
}
