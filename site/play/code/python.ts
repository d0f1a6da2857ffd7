// What listings in Python share: the rows, the weights to start from, and the order of the rows in each epoch.

import { MLP, type MLPOptions } from 'feedforward';
import { optionsOf } from '../model';
import { type Recipe, Unlike } from './index';
import { list, rows, wrap } from './numbers';

/** The weights and biases that training starts from, in the order of the layers. */
export function startOf({ experiment, session }: Recipe): {
  weights: { name: string; shape: readonly number[]; values: ArrayLike<number> }[];
  options: MLPOptions;
} {
  const { options } = optionsOf(experiment, session.made.center, session.made.scale);
  const model = new MLP(options);
  return { weights: model.parameters().filter(({ name }) => /weight$|bias$/.test(name)), options };
}

export function refuseDropout({ experiment }: Recipe, library: string): void {
  if (experiment.layers.some(({ dropout }) => dropout))
    throw new Unlike(`${library} draws other units to drop than we do, so its loss would differ: switch dropout off.`);
}

export const heading = ({ loss, testLoss, version }: Recipe, library: string, note = ''): string =>
  `# Made by the playground of feedforward ${version}. With ${library} it prints, to 1e-4 of each, the losses that the page shows:
# ${loss.toPrecision(7)} on the rows it is trained on, ${testLoss.toPrecision(7)} on those held out.${note}
`;

/** Rows, scaled as the page scales them. */
export function rowsCode({ experiment, session }: Recipe, integerLabels: boolean): string {
  const { made } = session;
  const columns = experiment.features.length;
  const targets = (values: ArrayLike<number>) =>
    `np.array(${list(values)}${integerLabels ? ', dtype=int' : ', dtype=np.float32).astype(float'})`;
  return wrap(`# Columns: ${experiment.features.join(', ')}
X = np.array(${rows(made.train.X.data, columns)}, dtype=np.float32).astype(float)
y = ${targets(made.train.y.data)}
X_test = np.array(${rows(made.test.X.data, columns)}, dtype=np.float32).astype(float)
y_test = ${targets(made.test.y.data)}
center, scale = np.array([${made.center.join(', ')}]), np.array([${made.scale.join(', ')}])
X, X_test = (X - center) / scale, (X_test - center) / scale
`);
}

/** A tensor as text. */
export const tensor = ({ shape, values }: { shape: readonly number[]; values: ArrayLike<number> }): string =>
  wrap(`np.array(${shape.length === 2 ? rows(values, shape[1]!) : list(values)}, dtype=float)`);

/** The order of the rows, from the seed: number n of the stream is a function of seed, epoch and n. */
export const orderCode = ({ experiment }: Recipe): string => `
def mix(x):
    x ^= x >> 16
    x = x * 0x7FEB352D & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 0x846CA68B & 0xFFFFFFFF
    return x ^ x >> 16

def order_of(epoch, rows, seed=${experiment.seed}):
    """The order of the rows in an epoch, as the page has it."""
    low = mix(seed)
    high = mix(mix(0x5BD1E995) ^ low)
    for letter in f"epoch {epoch}":
        low = mix(low + (ord(letter) + 1) * 0x9E3779B9 & 0xFFFFFFFF)
        high = mix((high ^ low) + 0x85EBCA6B & 0xFFFFFFFF)
    order, n = np.arange(rows), 0
    for i in range(rows - 1, 0, -1):
        limit = 2**32 - 2**32 % (i + 1)
        word = limit
        while word >= limit:
            word, n = mix(mix(n + low & 0xFFFFFFFF) ^ high), n + 1
        j = word % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order
`;
