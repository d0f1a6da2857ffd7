"""numpy by hand: a dense net, its backward pass and Adam, with results written in place wherever numpy can."""

import numpy as np

BETA1, BETA2, RATE, EPSILON = np.float32(0.9), np.float32(0.999), 1e-3, np.float32(1e-8)


class Engine:
    version = np.__version__

    def train(self, net, data, batches):
        return Trainer(net, data, batches)

    def forward(self, net, data, x):
        return lambda: output(net, data.layers, x)

    predict = lambda self, net, data: lambda row: output(net, data.layers, row)  # noqa: E731

    def product(self, a, b):
        return lambda: a @ b


def hidden(net, layers, x):
    """Outputs of every layer, the last without its softmax."""
    outputs = []
    for l, (weight, bias) in enumerate(layers):
        x = x @ weight
        x += bias
        if l < len(layers) - 1:
            np.tanh(x, out=x) if net.activation == 'tanh' else np.maximum(x, 0, out=x)
        outputs.append(x)
    return outputs


def softmax(z):
    z -= z.max(1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(1, keepdims=True)
    return z


def output(net, layers, x):
    z = hidden(net, layers, x)[-1]
    return softmax(z) if net.output == 'softmax' else z


class Trainer:
    def __init__(self, net, data, batches):
        self.net, self.t, self.cost = net, 0, None
        # One flat array per slot and views into it, so that Adam is a handful of calls for all parameters.
        size = sum(w.size + b.size for w, b in data.layers)
        self.flat, self.gradient, self.m, self.v, self.scratch, self.root = np.zeros((6, size), np.float32)
        self.layers, self.gradients, at = [], [], 0
        for weight, bias in data.layers:
            views = []
            for flat in (self.flat, self.gradient):
                w = flat[at : at + weight.size].reshape(weight.shape)
                views.append((w, flat[at + weight.size : at + weight.size + bias.size]))
            views[0][0][:], views[0][1][:] = weight, bias
            self.layers.append(views[0])
            self.gradients.append(views[1])
            at += weight.size + bias.size
        self.batches = [(x, y.astype(int) if net.output == 'softmax' else y[:, None]) for x, y in batches]

    def step(self):
        net = self.net
        x, y = self.batches[self.t % len(self.batches)]
        self.t += 1
        outputs = hidden(net, self.layers, x)
        delta, rows = outputs[-1], len(x)
        if net.output == 'softmax':
            softmax(delta)
            at = np.arange(rows), y
            self.cost = -np.log(delta[at]).mean()
            delta[at] -= 1
            delta *= np.float32(1 / rows)
        else:
            delta = delta - y
            self.cost = np.vdot(delta, delta) / rows
            delta *= np.float32(2 / rows)
        for l in range(len(self.layers) - 1, -1, -1):
            below = outputs[l - 1] if l else x
            np.matmul(below.T, delta, out=self.gradients[l][0])
            delta.sum(0, out=self.gradients[l][1])
            if l:
                delta = delta @ self.layers[l][0].T
                delta *= 1 - below * below if net.activation == 'tanh' else below > 0
        g, m, v, scratch, root = self.gradient, self.m, self.v, self.scratch, self.root
        m *= BETA1
        np.multiply(g, 1 - BETA1, out=scratch)
        m += scratch
        v *= BETA2
        np.multiply(g, g, out=scratch)
        scratch *= 1 - BETA2
        v += scratch
        np.multiply(v, np.float32(1 / (1 - 0.999**self.t)), out=root)
        np.sqrt(root, out=root)
        root += EPSILON
        np.divide(m, root, out=scratch)
        scratch *= np.float32(RATE / (1 - 0.9**self.t))
        self.flat -= scratch

    def loss(self):
        return self.cost

    def predictions(self):
        return output(self.net, self.layers, self.batches[0][0])
