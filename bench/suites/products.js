// Matrix products: one dense layer of N inputs and N units on N rows is one N x N x N product (and a bias).

import { MLP, dense, engineInfo } from '../../dist/index.js';
import { blocked, naive } from '../../dist/baseline.js';
import { medians, table } from '../support/report.js';

export async function products() {
  const rows = [['GFLOP/s', 'plain JS, naive', 'plain JS, blocked', 'simd', 'relaxed', 'best / blocked']];
  const figures = {};
  for (const size of [16, 64, 128, 256, 512]) {
    const x = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
    const y = new Float32Array(size * size);
    const tasks = {
      naive: () => naive.forward(y, x, x, size, size, size),
      blocked: () => blocked.forward(y, x, x, size, size, size),
    };
    for (const build of ['simd', 'relaxed']) {
      if (build === 'relaxed' && engineInfo().build !== 'relaxed') continue;
      const model = new MLP({ inputs: size, layers: [dense(size)], deterministic: build === 'simd' });
      tasks[build] = () => model.predictInto(x, y);
    }
    const times = await medians(tasks);
    const rate = (name) => (times[name] === undefined ? '-' : ((2 * size ** 3) / times[name] / 1000).toFixed(1));
    const best = times.relaxed ?? times.simd;
    rows.push([
      `${size} x ${size} x ${size}`,
      rate('naive'),
      rate('blocked'),
      rate('simd'),
      rate('relaxed'),
      `${(times.blocked / best).toFixed(1)}x`,
    ]);
    figures[size] = times;
  }
  console.log(`\n${table(rows)}`);
  return figures;
}
