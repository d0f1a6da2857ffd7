import { isClasses } from '../experiment';
import { type Recipe, Unlike } from './index';
import { heading, orderCode, refuseDropout, rowsCode, startOf, tensor } from './python';

const names: Record<string, string> = { tanh: 'tanh', relu: 'relu', sigmoid: 'logistic', identity: 'identity' };

/** The experiment in scikit-learn's MLPClassifier or MLPRegressor. */
export function sklearnCode(recipe: Recipe): string {
  const { experiment: e, session, epochs } = recipe;
  refuseDropout(recipe, 'scikit-learn');
  const refuse = (text: string): never => {
    throw new Unlike(`scikit-learn's MLP ${text}.`);
  };
  if (e.layers.length === 0) refuse('needs a hidden layer');
  if (e.layers.some(({ batchNorm, residual }) => batchNorm || residual)) refuse('has neither batch norm nor residual blocks');
  const [first] = e.layers;
  if (e.layers.some(({ activation }) => activation !== first!.activation)) refuse('has one activation for all layers');
  const activation = names[first!.activation] ?? refuse('has tanh, relu, sigmoid and identity alone');
  if (e.schedule !== 'constant') refuse('has no such schedule: choose a constant rate');
  if (!['adam', 'sgd', 'momentum', 'nesterov'].includes(e.optimizer)) refuse('has adam and sgd alone');
  if (e.l1 > 0) refuse('has no L1');
  const classes = isClasses(e.data);
  if (e.loss !== (classes ? 'crossEntropy' : 'meanSquaredError'))
    refuse(`has ${classes ? 'cross-entropy for classes' : 'the squared error for numbers'} alone`);
  const rows = session.made.train.X.shape[0];
  if (e.l2 > 0 && rows % Math.min(e.batch, rows) !== 0)
    refuse(`divides L2 by the rows of each batch: choose a batch size that divides ${rows}`);
  const { weights } = startOf(recipe);
  const half = classes ? 1 : 2; // its squared error is half of ours
  const batch = Math.min(e.batch, rows);
  const solver =
    e.optimizer === 'adam'
      ? `solver="adam", learning_rate_init=${e.rate}, epsilon=${1e-8 / half}`
      : `solver="sgd", learning_rate_init=${e.rate * half}, momentum=${e.optimizer === 'sgd' ? 0 : 0.9}, nesterovs_momentum=${e.optimizer === 'nesterov' ? 'True' : 'False'}`;
  const kind = classes ? 'MLPClassifier' : 'MLPRegressor';
  const more = classes ? ', classes=np.unique(y)' : '';
  return `${heading(recipe, 'scikit-learn')}
import numpy as np
from sklearn.metrics import ${classes ? 'log_loss' : 'mean_squared_error'}
from sklearn.neural_network import ${kind}

${rowsCode(recipe, classes)}
weights = [
${weights
  .filter(({ name }) => name.endsWith('weight'))
  .map((w) => `${tensor(w)},`)
  .join('\n')}
]
biases = [
${weights
  .filter(({ name }) => name.endsWith('bias'))
  .map((w) => `${tensor(w)},`)
  .join('\n')}
]
${orderCode(recipe)}
model = ${kind}((${e.layers.map(({ units }) => `${units},`).join(' ')}), activation="${activation}", ${solver},
    alpha=${(e.l2 * batch) / half}, batch_size=${batch}, shuffle=False)
model.partial_fit(X, y${more})  # makes its tensors; the page's weights and a fresh optimizer follow
for own, given in zip(model.coefs_ + model.intercepts_, weights + biases):
    own[...] = given
del model._optimizer
for epoch in range(${epochs}):
    order = order_of(epoch, len(X))
    model.partial_fit(X[order], y[order])
${classes ? 'print(log_loss(y, model.predict_proba(X), labels=model.classes_), log_loss(y_test, model.predict_proba(X_test), labels=model.classes_))' : 'print(mean_squared_error(y, model.predict(X)), mean_squared_error(y_test, model.predict(X_test)))'}
`;
}
