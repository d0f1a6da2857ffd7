import { MLP, adam, dense } from 'feedforward';

export const dynamic = 'force-dynamic';

/** Trained where the page is made. */
export default async function Page() {
  const X = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const model = new MLP({
    inputs: 2,
    layers: [dense(8, { activation: 'tanh' }), dense(1)],
    optimizer: adam({ learningRate: 0.05 }),
    seed: 1,
  });
  await model.fit(X, [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
  return <output id="result">{Array.from(model.predict(X).data, Math.round).join(' ')}</output>;
}
