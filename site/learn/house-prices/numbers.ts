// Prices of 600 made-up houses by area, rooms, garden and age: a network beside a straight line through the same columns.

import { adam, dense, lbfgs, metrics, MLP, Random, StandardScaler } from 'feedforward';

export interface House {
  readonly area: number;
  readonly rooms: number;
  readonly garden: number;
}

/** What a house is worth, in thousands: a square metre is worth most where rooms are of about 28 of them; the first garden counts most. */
const worth = ({ area, rooms, garden }: House): number =>
  40 + 3 * area * (0.55 + 0.45 * Math.exp(-(((area / rooms - 28) / 14) ** 2))) + 90 * (1 - Math.exp(-garden / 150));

const asRow = ({ area, rooms, garden }: House): number[] => [area, rooms, garden];

export const houses: readonly (House & { readonly price: number })[] = (() => {
  const random = new Random(8, 'houses');
  return Array.from({ length: 600 }, () => {
    const area = Math.round(random.between(30, 250));
    const rooms = Math.max(1, Math.round(area / 30 + 1.5 * random.normal()));
    const garden = random.between(0, 1) < 0.4 ? 0 : Math.round(random.between(20, 1200));
    return { area, rooms, garden, price: Math.round(worth({ area, rooms, garden }) + 12 * random.normal()) };
  });
})();

const known = houses.slice(0, 450);
const others = houses.slice(450);
const inputs = new StandardScaler();
const outputs = new StandardScaler();
const X = inputs.fitTransform(known.map(asRow));
const y = outputs.fitTransform(known.map(({ price }) => [price]));

/** Prices that a model gives, in thousands. */
const priced = (model: MLP, some: readonly House[]): number[] => [
  ...outputs.inverseTransform(model.predict(inputs.transform(some.map(asRow)))).data,
];

export interface Valuer {
  /** Share of the variance of the other houses' prices that is explained. */
  readonly r2: number;
  price(some: readonly House[]): number[];
}

const valuer = (model: MLP): Valuer => ({
  r2: metrics.r2(
    others.map(({ price }) => price),
    priced(model, others),
  ),
  price: (some) => priced(model, some),
});

/** A straight line: no hidden layer. */
export function line(): Valuer {
  const model = new MLP({ inputs: 3, layers: [dense(1)], optimizer: lbfgs(), seed: 1 });
  model.fitSync(X, y, { epochs: 100, reportMetrics: false });
  return valuer(model);
}

/** A network that learns while one looks: each call so many epochs. */
export function learner(): (epochs: number) => Valuer & { epochs: number } {
  const layers = [dense(32, { activation: 'relu' }), dense(16, { activation: 'relu' }), dense(1)];
  const model = new MLP({ inputs: 3, layers, optimizer: adam({ learningRate: 3e-3 }), seed: 1 });
  let done = 0;
  return (epochs) => {
    if (epochs > 0) model.fitSync(X, y, { epochs, batchSize: 32, reportMetrics: false });
    done += epochs;
    return { epochs: done, ...valuer(model) };
  };
}
