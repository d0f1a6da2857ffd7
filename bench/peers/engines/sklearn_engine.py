"""scikit-learn's MLPClassifier and MLPRegressor. Its fit is timed over many batches at once, so that what it does per call
is spread thin. Two differences it does not let one switch off: half the squared error, and epsilon before Adam's bias
correction; the reported loss is doubled for the first, the second is far below the tolerance.
"""

import time
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

warnings.simplefilter('ignore')


class Engine:
    version = sklearn.__version__

    def train(self, net, data, batches):
        return Trainer(net, data, batches)

    def train_timed(self, net, data, batches, ms, limit):
        rows = len(batches[0][0])
        x, y = (np.concatenate(part) for part in zip(*batches))
        y = y.astype(int) if net.output == 'softmax' else y
        estimator = make(net, batch_size=rows, max_iter=1)
        start = time.perf_counter()
        estimator.fit(x, y)
        epoch = (time.perf_counter() - start) * 1e6
        estimator.max_iter = int(max(1, min(ms * 1000 / epoch, limit * rows / len(x))))
        start = time.perf_counter()
        estimator.fit(x, y)
        elapsed = (time.perf_counter() - start) * 1e6
        count = estimator.max_iter * len(batches)
        return {'us': elapsed / count, 'count': count}

    def forward(self, net, data, x):
        trainer = Trainer(net, data, [(x[:1], np.zeros(1, np.float32))])
        rule = trainer.predict_rule()
        return lambda: rule(x)

    def predict(self, net, data):
        return Trainer(net, data, [(data.x[:1], np.zeros(1, np.float32))]).predict_rule()


def make(net, **options):
    kind = MLPClassifier if net.output == 'softmax' else MLPRegressor
    return kind(net.widths[1:-1], activation=net.activation, alpha=0, shuffle=False, tol=0, n_iter_no_change=10**9, **options)


class Trainer:
    def __init__(self, net, data, batches):
        self.net, self.t = net, 0
        self.softmax = net.output == 'softmax'
        self.batches = [(x, y.astype(int) if self.softmax else y) for x, y in batches]
        rows = len(batches[0][0])
        self.estimator = make(net, batch_size=rows, max_iter=1)
        self.classes = {'classes': np.arange(net.outputs)} if self.softmax else {}
        # One step makes the arrays; then the given weights go in and Adam starts again.
        self.estimator.partial_fit(*self.batches[0], **self.classes)
        for (weight, bias), coef, intercept in zip(data.layers, self.estimator.coefs_, self.estimator.intercepts_):
            coef[:], intercept[:] = weight, bias
        adam = self.estimator._optimizer
        adam.t = 0
        for slot in adam.ms + adam.vs:
            slot[:] = 0

    def step(self):
        x, y = self.batches[self.t % len(self.batches)]
        self.t += 1
        self.estimator.partial_fit(x, y)

    def steps(self, count):
        """Many steps in one fit, from the weights and slots there are."""
        x, y = (np.concatenate(part) for part in zip(*self.batches[self.t : self.t + count]))
        self.t += count
        self.estimator.set_params(warm_start=True).fit(x, y)
        self.estimator.set_params(warm_start=False)

    def loss(self):
        return self.estimator.loss_curve_[-1] * (1 if self.softmax else 2)

    def predict_rule(self):
        return self.estimator.predict_proba if self.softmax else self.estimator.predict

    def predictions(self):
        return self.predict_rule()(self.batches[0][0])
