import { outputsOf } from '../data';
import { type ActivationName, isClasses } from '../experiment';
import { scheduled } from '../model';
import { type Recipe, Unlike } from './index';
import { heading, orderCode, refuseDropout, rowsCode, startOf, tensor } from './python';

const names: Record<ActivationName, string> = {
  tanh: '"tanh"',
  relu: '"relu"',
  sigmoid: '"sigmoid"',
  silu: '"silu"',
  gelu: '"gelu"',
  elu: '"elu"',
  selu: '"selu"',
  softplus: '"softplus"',
  mish: '"mish"',
  identity: 'None',
  leakyRelu: 'lambda x: keras.ops.leaky_relu(x, 0.01)',
};

/** The experiment in Keras 3, in float64. Nobody has run it here. */
export function kerasCode(recipe: Recipe): string {
  const { experiment: e, epochs } = recipe;
  refuseDropout(recipe, 'Keras');
  if (e.layers.some(({ batchNorm }) => batchNorm))
    throw new Unlike('Keras keeps another running variance in batch norm, so its loss would differ: switch batch norm off.');
  const optimizer = {
    sgd: 'SGD(RATE)',
    momentum: 'SGD(RATE, momentum=0.9)',
    nesterov: 'SGD(RATE, momentum=0.9, nesterov=True)',
    adam: 'Adam(RATE, epsilon=1e-8)',
    adamw: 'AdamW(RATE, weight_decay=0.01, epsilon=1e-8)',
  }[e.optimizer as string];
  if (optimizer === undefined) throw new Unlike(`Keras' ${e.optimizer} is another rule than ours: choose SGD, Adam or AdamW.`);
  if (e.optimizer !== 'adam' && e.optimizer !== 'adamw' && e.schedule !== 'constant' && e.optimizer !== 'sgd')
    throw new Unlike(
      'Keras keeps its momentum multiplied by the rate, so a rate that falls makes another loss: choose a constant one.',
    );
  const outputs = outputsOf(e);
  const penalty = e.l1 > 0 || e.l2 > 0 ? `, kernel_regularizer=keras.regularizers.L1L2(${e.l1}, ${e.l2 / 2})` : '';
  let width = e.features.length;
  const layers = e.layers.map(({ units, activation, residual }) => {
    const made = `keras.layers.Dense(${units}, ${names[activation]}${penalty})(x)`;
    const block = residual && units === width;
    width = units;
    return `x = ${block ? `keras.layers.add([x, ${made}])` : made}`;
  });
  const loss = {
    crossEntropy: outputs > 1 ? '"sparse_categorical_crossentropy"' : '"binary_crossentropy"',
    meanSquaredError: '"mean_squared_error"',
    meanAbsoluteError: '"mean_absolute_error"',
    huber: 'keras.losses.Huber(0.1)',
  }[e.loss];
  const { weights } = startOf(recipe);
  const schedule =
    e.schedule === 'cosine'
      ? `    model.optimizer.learning_rate = ${e.rate} * (1 + np.cos(np.pi * min(epoch / ${scheduled}, 1))) / 2\n`
      : e.schedule === 'step'
        ? `    model.optimizer.learning_rate = ${e.rate} * 0.5 ** (epoch // ${scheduled / 5})\n`
        : '';
  return `${heading(recipe, 'Keras 3', '\n# Not run by the tests of the page: Keras is not installed where they run.')}
import keras
import numpy as np

keras.config.set_floatx("float64")
${rowsCode(recipe, false)}
start = [
${weights.map((w) => `${tensor(w)},`).join('\n')}
]
${orderCode(recipe)}
inputs = x = keras.Input((${e.features.length},))
${layers.join('\n')}
model = keras.Model(inputs, keras.layers.Dense(${outputs}, ${isClasses(e.data) ? (outputs > 1 ? '"softmax"' : '"sigmoid"') : 'None'}${penalty})(x))
model.set_weights(start)
keras.config.set_epsilon(1e-15)
model.compile(optimizer=keras.optimizers.${optimizer.replace('RATE', String(e.rate))}, loss=${loss})
for epoch in range(${epochs}):
    order = order_of(epoch, len(X))
${schedule}    for i in range(0, len(X), ${e.batch}):
        model.train_on_batch(X[order[i:i + ${e.batch}]], y[order[i:i + ${e.batch}]])

loss_of = keras.losses.get(${loss})
for X, y in ((X, y), (X_test, y_test)):
    print(float(np.mean(loss_of(${outputs > 1 ? 'y' : 'y[:, None]'}, model.predict(X, verbose=0)))))
`;
}
