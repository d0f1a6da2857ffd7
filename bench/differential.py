"""What bench/suites/differential.js compares with, in PyTorch: the trainings of Huge and Savine by double backward.

    python3 bench/differential.py ROWS.json     one JSON object: seconds and errors (x 100) of a training on values and of one on both

As the authors have it: x and y scaled to mean 0 and deviation 1, derivatives by 1 / root mean square, alpha = 1 / (1 + inputs).
"""

import json
import sys
import time

import numpy as np
import torch

EPOCHS = 100
POINTS = np.array([(0, 1e-8), (0.2, 0.1), (0.6, 0.01), (0.9, 1e-6), (1, 1e-8)])


def make(inputs):
    layers = []
    width = inputs
    for units in (20, 20, 20, 20, 1):
        linear = torch.nn.Linear(width, units)
        torch.nn.init.normal_(linear.weight, std=width**-0.5)
        torch.nn.init.zeros_(linear.bias)
        layers += [linear, torch.nn.Softplus()]
        width = units
    return torch.nn.Sequential(*layers[:-1])


def train(x, y, dydx, learns):
    rows, inputs = x.shape
    model = make(inputs)
    optimizer = torch.optim.Adam(model.parameters())
    scales = 1 / dydx.square().mean(0).sqrt()
    alpha = 1 / (1 + inputs) if learns else 1
    batch = max(256, rows // 16)
    begun = time.perf_counter()
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group['lr'] = float(np.interp(epoch / EPOCHS, POINTS[:, 0], POINTS[:, 1]))
        for first in range(0, rows, batch):
            part = x[first : first + batch].clone().requires_grad_(learns)
            out = model(part)
            loss = alpha * (out - y[first : first + batch]).square().mean()
            if learns:
                slopes = torch.autograd.grad(out.sum(), part, create_graph=True)[0]
                loss = loss + (1 - alpha) * ((slopes - dydx[first : first + batch]) * scales).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model, time.perf_counter() - begun


def main():
    with open(sys.argv[1]) as file:
        given = json.load(file)
    inputs = given['inputs']
    read = lambda name, width: torch.tensor(given[name], dtype=torch.float32).reshape(-1, width)  # noqa: E731
    x, y, dydx, test = read('X', inputs), read('y', 1), read('gradients', inputs), read('testX', inputs)
    mean, deviation = x.mean(0), x.std(0, unbiased=False)
    center, spread = y.mean(), y.std(unbiased=False)
    found = {}
    for learns in (False, True):
        torch.manual_seed(1)
        model, seconds = train((x - mean) / deviation, (y - center) / spread, dydx * deviation / spread, learns)
        at = ((test - mean) / deviation).requires_grad_(True)
        out = model(at)
        slopes = torch.autograd.grad(out.sum(), at)[0][:, 0] * spread / deviation[0]
        prices = (out.detach()[:, 0] * spread + center).numpy()
        name = 'WithDerivatives' if learns else ''
        found['seconds' + name] = seconds
        found['price' + name] = 100 * float(np.sqrt(np.mean((prices - np.array(given['prices'])) ** 2)))
        found['delta' + name] = 100 * float(np.sqrt(np.mean((slopes.numpy() - np.array(given['deltas'])) ** 2)))
    print(json.dumps(found))


main()
