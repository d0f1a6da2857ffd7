import { outputsOf } from '../data';
import { isClasses, type ActivationName, type Experiment } from '../experiment';
import { scheduled } from '../model';
import type { Recipe } from './index';
import { heading, orderCode, refuseDropout, rowsCode, startOf, tensor } from './python';

const functions: Record<ActivationName, string> = {
  identity: 'x',
  tanh: 'torch.tanh(x)',
  relu: 'F.relu(x)',
  sigmoid: 'torch.sigmoid(x)',
  silu: 'F.silu(x)',
  gelu: 'F.gelu(x)',
  leakyRelu: 'F.leaky_relu(x, 0.01)',
  elu: 'F.elu(x)',
  selu: 'F.selu(x)',
  softplus: 'F.softplus(x, threshold=50)',
  mish: 'x * torch.tanh(F.softplus(x, threshold=50))',
};

const lion = `
class Lion(torch.optim.Optimizer):
    """See: Chen et al. 2023."""
    def __init__(self, params, lr, b1=0.9, b2=0.99):
        super().__init__(params, dict(lr=lr, b1=b1, b2=b2))
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p -= group["lr"] * torch.sign(group["b1"] * m + (1 - group["b1"]) * p.grad)
                m.mul_(group["b2"]).add_((1 - group["b2"]) * p.grad)
`;

function optimizerCode({ optimizer, rate }: Experiment): string {
  const made = {
    sgd: 'torch.optim.SGD(parameters, lr=RATE)',
    momentum: 'torch.optim.SGD(parameters, lr=RATE, momentum=0.9)',
    nesterov: 'torch.optim.SGD(parameters, lr=RATE, momentum=0.9, nesterov=True)',
    adam: 'torch.optim.Adam(parameters, lr=RATE)',
    adamw: 'torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)',
    nadam: 'torch.optim.NAdam(parameters, lr=RATE)',
    rmsprop: 'torch.optim.RMSprop(parameters, lr=RATE, alpha=0.9, eps=1e-8)',
    adagrad: 'torch.optim.Adagrad(parameters, lr=RATE, eps=1e-10)',
    lion: 'Lion(parameters, lr=RATE)',
  }[optimizer];
  return made.replace('RATE', String(rate));
}

function lossCode(e: Experiment): string {
  switch (e.loss) {
    case 'crossEntropy':
      return outputsOf(e) > 1 ? 'F.cross_entropy(out, y.long())' : 'F.binary_cross_entropy_with_logits(out[:, 0], y)';
    case 'meanSquaredError':
      return isClasses(e.data) ? 'F.mse_loss(torch.sigmoid(out[:, 0]), y)' : 'F.mse_loss(out[:, 0], y)';
    case 'meanAbsoluteError':
      return 'F.l1_loss(out[:, 0], y)';
    case 'huber':
      return 'F.huber_loss(out[:, 0], y, delta=0.1)';
  }
}

/** The experiment in PyTorch, in float64. */
export function pytorchCode(recipe: Recipe): string {
  refuseDropout(recipe, 'PyTorch');
  const { experiment: e, epochs } = recipe;
  const { weights } = startOf(recipe);
  const norms = e.layers
    .map((layer, i) => (layer.batchNorm ? `    ${i}: torch.nn.BatchNorm1d(${layer.units}),` : ''))
    .filter(Boolean);
  let width = e.features.length;
  const blocks = e.layers.map(({ units, activation, batchNorm, residual }, i) => {
    const block = residual && units === width;
    width = units;
    return [
      ...(block ? ['    kept = x'] : []),
      `    x = x @ W[${i}] + b[${i}]`,
      ...(batchNorm ? [`    x = norms[${i}](x)`] : []),
      ...(activation === 'identity' ? [] : [`    x = ${functions[activation]}`]),
      ...(block ? ['    x = kept + x'] : []),
    ].join('\n');
  });
  const last = e.layers.length;
  const penalties = [
    ...(e.l1 > 0 ? [` + ${e.l1} * sum(w.abs().sum() for w in W)`] : []),
    ...(e.l2 > 0 ? [` + ${e.l2} / 2 * sum((w**2).sum() for w in W)`] : []),
  ].join('');
  const schedule =
    e.schedule === 'cosine'
      ? `    optimizer.param_groups[0]["lr"] = ${e.rate} * (1 + np.cos(np.pi * min(epoch / ${scheduled}, 1))) / 2\n`
      : e.schedule === 'step'
        ? `    optimizer.param_groups[0]["lr"] = ${e.rate} * 0.5 ** (epoch // ${scheduled / 5})\n`
        : '';
  const matrices = weights.filter(({ name }) => name.endsWith('weight'));
  const given = weights.filter(({ name }) => name.endsWith('bias'));
  // batch norm has a shift of its own, so layers before it have no bias: zeros that do not learn
  const biases = [...e.layers, undefined].map((layer) =>
    layer?.batchNorm ? `np.zeros(${layer.units}),` : `${tensor(given.shift()!)},`,
  );
  return `${heading(recipe, 'PyTorch')}
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
${rowsCode(recipe, false)}
W = [torch.tensor(w, requires_grad=True) for w in [
${matrices.map((w) => `${tensor(w)},`).join('\n')}
]]
b = [torch.tensor(v, requires_grad=True) for v in [
${biases.join('\n')}
]]
norms = {
${norms.join('\n')}
}
parameters = W + [v for i, v in enumerate(b) if i not in norms] + [p for norm in norms.values() for p in norm.parameters()]
X, y, X_test, y_test = map(torch.tensor, (X, y, X_test, y_test))
${orderCode(recipe)}
def forward(x):
${blocks.map((block) => `${block}\n`).join('')}    return x @ W[${last}] + b[${last}]

def loss_of(out, y):
    return ${lossCode(e)}
${e.optimizer === 'lion' ? lion : ''}
optimizer = ${optimizerCode(e)}
for epoch in range(${epochs}):
    order = order_of(epoch, len(X))
${schedule}    for batch in ${batches(recipe)}:
        optimizer.zero_grad()
        loss = loss_of(forward(X[batch]), y[batch])${penalties}
        loss.backward()
        optimizer.step()

for norm in norms.values():
    norm.eval()
with torch.no_grad():
    print(loss_of(forward(X), y).item(), loss_of(forward(X_test), y_test).item())
`;
}

/** Rows of each batch: a last row alone joins the batch before it where batch norm takes statistics. */
function batches({ experiment: e, session }: Recipe): string {
  const rows = session.made.train.X.shape[0];
  const alone = rows % e.batch === 1 && rows > 1 && e.batch > 1 && e.layers.some(({ batchNorm }) => batchNorm);
  const cuts = `[order[i:i + ${e.batch}] for i in range(0, len(X), ${e.batch})]`;
  return alone ? `(lambda cuts: cuts[:-2] + [np.concatenate(cuts[-2:])])(${cuts})` : cuts;
}
