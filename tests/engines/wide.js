// Networks wide enough for threads to share, with every register tile.

export async function wideParts({ MLP, batchNorm, dense, dropout }, { random }, { digest }) {
  const parts = {};
  const many = { data: Float32Array.from({ length: 200 * 64 }, () => random.normal()), shape: [200, 64] };
  const labels = { data: Float32Array.from({ length: 200 }, () => random.below(3)), shape: [200, 1] };
  const wide = async () => {
    const model = new MLP({
      inputs: 64,
      layers: [
        dense(257, { activation: 'relu' }),
        batchNorm(),
        dense(129, { activation: 'tanh', biasInit: 'zeros' }),
        dense(3, { activation: 'softmax' }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      seed: 9,
      deterministic: true,
    });
    for (let s = 0; s < 20; s++) model.trainStep(many, labels);
    return digest(model);
  };
  parts['wide'] = await wide();
  for (let tile = 0; tile < 7; tile++) {
    const part = `wide, tile ${tile}`;
    parts[part] = await withTile(tile, wide);
    if (parts[part] !== parts['wide']) throw new Error(`tile ${tile} gave other weights than the tile in use`);
  }
  const dropping = new MLP({
    inputs: 64,
    layers: [
      dense(257, { activation: 'relu', dropConnect: 0.3 }),
      dropout(0.1),
      dense(129, { activation: 'tanh', biasInit: 'zeros', sparse: 0.5, dropConnect: 0.5 }),
      dense(3, { activation: 'softmax' }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    seed: 9,
    deterministic: true,
  });
  dropping.fitSync(many, labels, { epochs: 4, batchSize: 50, accumulate: 2 });
  return { parts, dropped: await digest(dropping) };
}

/** What `work` gives while every instance made uses one register tile, whatever was measured. */
async function withTile(tile, work) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class {
    constructor(module, imports) {
      const { exports } = new Instance(module, imports);
      const chooseTiles = () => exports.chooseTiles(tile, tile);
      this.exports = exports.chooseTiles === undefined ? exports : { ...exports, chooseTiles };
      if (exports.chooseTiles !== undefined) chooseTiles();
    }
  };
  try {
    return await work();
  } finally {
    WebAssembly.Instance = Instance;
  }
}
