"""PyTorch, eager, one thread: nn.Sequential, cross_entropy or mse_loss, torch.optim.Adam; inference_mode to predict."""

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


class Engine:
    version = torch.__version__

    def train(self, net, data, batches):
        return Trainer(net, data, batches)

    def forward(self, net, data, x):
        model, x = sequential(net, data), torch.from_numpy(x)

        def run():
            with torch.inference_mode():
                return model(x).numpy()

        return run

    def predict(self, net, data):
        model = sequential(net, data)

        def run(row):
            with torch.inference_mode():
                return model(torch.from_numpy(row)).numpy()

        return run

    def product(self, a, b):
        a, b = torch.from_numpy(a), torch.from_numpy(b)
        return lambda: torch.mm(a, b).numpy()


def sequential(net, data, training=False):
    modules = []
    for l, (weight, bias) in enumerate(data.layers):
        linear = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T.copy()))
            linear.bias.copy_(torch.from_numpy(bias))
        modules.append(linear)
        if l < len(data.layers) - 1:
            modules.append(torch.nn.Tanh() if net.activation == 'tanh' else torch.nn.ReLU())
    if net.output == 'softmax' and not training:
        modules.append(torch.nn.Softmax(1))
    return torch.nn.Sequential(*modules)


class Trainer:
    def __init__(self, net, data, batches):
        self.net, self.t, self.cost = net, 0, None
        self.model = sequential(net, data, training=True)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3, foreach=True)
        softmax = net.output == 'softmax'
        self.rule = F.cross_entropy if softmax else F.mse_loss
        self.batches = [
            (torch.from_numpy(x), torch.from_numpy(y).long() if softmax else torch.from_numpy(y)[:, None]) for x, y in batches
        ]

    def step(self):
        x, y = self.batches[self.t % len(self.batches)]
        self.t += 1
        self.adam.zero_grad(set_to_none=True)
        self.cost = self.rule(self.model(x), y)
        self.cost.backward()
        self.adam.step()

    def loss(self):
        return self.cost.item()

    def predictions(self):
        with torch.inference_mode():
            z = self.model(self.batches[0][0])
            return (torch.softmax(z, 1) if self.net.output == 'softmax' else z).numpy()
