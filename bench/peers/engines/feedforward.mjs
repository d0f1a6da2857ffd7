// This library through its public face. Variants: (none) the build it picks itself; deterministic; revectorized (V8's
// 256-bit pass, Node 24 and later); baseline, its plain JavaScript. A product is a dense layer without bias.

import { existsSync, readFileSync } from 'node:fs';
import { ADAM } from '../nets.mjs';

const root = new URL('../../../', import.meta.url);

/** What `import 'feedforward'` or 'feedforward/baseline' resolves to, after `npm run build` in the root. */
function entry(name) {
  let target = JSON.parse(readFileSync(new URL('package.json', root))).exports?.[name];
  while (typeof target === 'object') target = target.import ?? target.default;
  target ??= name === '.' ? './dist/index.js' : './dist/baseline.js';
  if (!existsSync(new URL(target, root))) throw new Error('not built: npm run build in the root');
  return import(new URL(target, root).href);
}

export async function open(variant) {
  const library = await entry(variant === 'baseline' ? './baseline' : '.');
  const { MLP, engineInfo, init } = library;
  const { dense, adam } = variant === 'baseline' ? { ...(await entry('.')), ...library } : library;
  if (variant === 'revectorized') {
    await init({ revectorize: true });
    const info = engineInfo();
    if (!info.revectorized) throw Object.assign(new Error(JSON.stringify(info)), { unsupported: true });
  }

  function model(net, data) {
    const last = data.layers.length - 1;
    const made = new MLP({
      inputs: net.inputs,
      layers: data.layers.map(({ outputs, bias }, l) =>
        dense(outputs, { activation: l === last ? net.output : net.activation, bias: bias !== null }),
      ),
      loss: net.output === 'softmax' ? 'sparseCategoricalCrossEntropy' : 'meanSquaredError',
      optimizer: adam(ADAM),
      deterministic: variant === 'deterministic',
    });
    const values = Object.fromEntries(
      data.layers.flatMap((layer, l) => ['weight', 'bias'].map((p) => [`layers.${l}.${p}`, layer[p]])),
    );
    for (const parameter of made.parameters()) parameter.set(values[parameter.name]);
    return made;
  }

  return {
    version: library.version ?? JSON.parse(readFileSync(new URL('package.json', root))).version,
    info: () => engineInfo?.(),

    train(net, data, batches) {
      const made = model(net, data);
      const prepared = batches.map(({ x, y, rows }) => ({
        x: { data: x, shape: [rows, net.inputs] },
        y: { data: y, shape: [rows, 1] },
      }));
      let t = 0;
      let loss = 0;
      return {
        step() {
          const { x, y } = prepared[t++ % prepared.length];
          loss = made.trainStep(x, y);
        },
        loss: () => loss,
        predictions: () => made.predict(prepared[0].x).data,
      };
    },

    forward(net, data, batch) {
      return rowsAtOnce(model(net, data), batch.x, batch.rows * net.outputs);
    },

    predict(net, data) {
      const made = model(net, data);
      const out = new Float32Array(net.outputs);
      return (row) => {
        made.predictInto(row, out);
        return out;
      };
    },

    product(n, a, b) {
      const net = { inputs: n, output: 'identity' };
      return rowsAtOnce(model(net, { layers: [{ inputs: n, outputs: n, weight: b, bias: null }] }), a, n * n);
    },
  };
}

function rowsAtOnce(made, x, length) {
  const out = new Float32Array(length);
  return () => {
    made.predictInto(x, out);
    return out;
  };
}
