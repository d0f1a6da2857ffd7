// What feedforward/predict gives, beside what MLP gives on the same engine: the same bits, in both builds, or this throws.

/** Compares the two through layers of every kind, in batches of several sizes; returns how many numbers were compared. */
export function comparePredictions(
  { MLP, activation, batchNorm, dense, embedding, layerNorm, rescale, residual },
  { loadPredictor },
) {
  let compared = 0;
  for (const deterministic of [true, false])
    for (const name of ['relu', 'gelu', 'softmax'])
      for (const width of [3, 33, 64]) {
        const model = new MLP({
          inputs: 7,
          layers: [
            rescale({ center: 0.3, scale: 2 }),
            embedding({ column: 2, categories: 1, size: 5 }),
            dense(width, { activation: name }),
            batchNorm(),
            residual([dense(width + 5), layerNorm(), activation('tanh')]),
            dense(3, { activation: name }),
          ],
          deterministic,
          seed: width,
        });
        const predictor = loadPredictor(model.save());
        for (const rows of [1, 3, 4, 50]) {
          const X = { data: Float32Array.from({ length: rows * 7 }, (_, i) => ((i * 37) % 101) / 50 - 1), shape: [rows, 7] };
          const pairs = [
            [model.predict(X), predictor.predict(X)],
            [model.inputGradient(X, 1), predictor.inputGradient(X, 1)],
          ];
          for (const [own, other] of pairs)
            own.data.forEach((value, i) => {
              if (!Object.is(value, other.data[i]))
                throw new Error(
                  `predict: ${name}, ${width} units, ${rows} rows, deterministic ${deterministic}: ${other.data[i]} for ${value}`,
                );
              compared++;
            });
        }
      }
  return compared;
}
