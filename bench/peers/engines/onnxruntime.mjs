// ONNX Runtime, variants node (native, from the package's own binary) and web (WebAssembly), one thread. It does not train.

import { graph } from '../onnx.mjs';

export async function open(variant) {
  const imported = await (variant === 'node' ? import('onnxruntime-node') : import('onnxruntime-web'));
  const ort = imported.default ?? imported;
  if (variant === 'web') ort.env.wasm.numThreads = 1;
  const options = variant === 'node' ? { intraOpNumThreads: 1, interOpNumThreads: 1 } : { executionProviders: ['wasm'] };
  const session = (bytes) => ort.InferenceSession.create(bytes, { ...options, graphOptimizationLevel: 'all' });
  const values = async (run, feeds) => (await run.run(feeds)).y.data;

  return {
    version: ort.env.versions[variant] ?? ort.env.versions.common,

    async forward(net, data, batch) {
      const run = await session(graph(net, data.layers));
      const x = new ort.Tensor('float32', batch.x, [batch.rows, net.inputs]);
      return () => values(run, { x });
    },

    async predict(net, data) {
      const run = await session(graph(net, data.layers));
      return (row) => values(run, { x: new ort.Tensor('float32', row, [1, net.inputs]) });
    },

    async product(n, a, b) {
      const layer = { inputs: n, outputs: n, weight: b, bias: null };
      const run = await session(graph({ inputs: n, outputs: n, output: 'identity' }, [layer]));
      const x = new ort.Tensor('float32', a, [n, n]);
      return () => values(run, { x });
    },
  };
}
