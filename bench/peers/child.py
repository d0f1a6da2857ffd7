"""The Python counterpart of child.mjs: the same commands, the same answers. ENGINE is numpy, torch or sklearn.

    python3 child.py ENGINE DATA_FOLDER
"""

import itertools
import json
import resource
import sys
import time
import types

ENGINE, FOLDER = sys.argv[1:3]
ROWS = 1024
data, engine = {}, None


def parse(spec):
    name, activation, output = spec.split(':')
    widths = [int(width) for width in name.split('-')]
    return types.SimpleNamespace(
        spec=spec, name=name, widths=widths, activation=activation, output=output, inputs=widths[0], outputs=widths[-1]
    )


def load(net):
    import numpy as np

    if net.spec not in data:
        values, at = np.fromfile(f'{FOLDER}/{net.name}.f32', np.float32), 0
        layers = []
        for inputs, outputs in zip(net.widths, net.widths[1:]):
            weight = values[at : at + inputs * outputs].reshape(inputs, outputs)
            at += inputs * outputs
            layers.append((weight, values[at : at + outputs]))
            at += outputs
        x = values[at : at + ROWS * net.inputs].reshape(ROWS, net.inputs)
        data[net.spec] = types.SimpleNamespace(layers=layers, x=x, y=values[at + ROWS * net.inputs :])
    return data[net.spec]


def batches(net, rows):
    d = load(net)
    return [(d.x[i : i + rows].copy(), d.y[i : i + rows].copy()) for i in range(0, ROWS, rows)]


def opened():
    global engine
    if engine is None:
        engine = __import__(f'engines.{ENGINE}_engine', fromlist=['Engine']).Engine()
    return engine


def timed(run, ms, limit, finish=lambda: None):
    run()
    count, us, chunk = 0, 0.0, 1
    while count < limit and us < ms * 1000:
        chunk = min(chunk, limit - count)
        start = time.perf_counter()
        for _ in itertools.repeat(None, chunk):
            run()
        finish()
        elapsed = (time.perf_counter() - start) * 1e6
        us, count = us + elapsed, count + chunk
        if elapsed < ms * 100:
            chunk *= 2
    return {'us': us / count, 'count': count}


def flat(values, count=None):
    return [float(v) for v in values.ravel()[:count]]


def about():
    return {'version': opened().version}


def check(spec, rows, steps):
    net = parse(spec)
    trainer = opened().train(net, load(net), batches(net, int(rows)))
    losses = []
    for _ in range(int(steps)):
        trainer.step()
        losses.append(float(trainer.loss()))
    return {'losses': losses, 'predictions': flat(trainer.predictions(), 4 * net.outputs)}


def train(spec, rows, ms, limit):
    net = parse(spec)
    if hasattr(opened(), 'train_timed'):
        return engine.train_timed(net, load(net), batches(net, int(rows)), float(ms), int(limit))
    trainer = engine.train(net, load(net), batches(net, int(rows)))
    return timed(trainer.step, float(ms), int(limit), trainer.loss)


def forward(spec, rows, ms, limit):
    net = parse(spec)
    run = opened().forward(net, load(net), batches(net, int(rows))[0][0])
    return {**timed(run, float(ms), int(limit)), 'predictions': flat(run(), 4 * net.outputs)}


def predict(spec, ms, limit):
    net = parse(spec)
    run = opened().predict(net, load(net))
    rows = itertools.cycle(x for x, _ in batches(net, 1))
    predictions = [v for x, _ in batches(net, 1)[:4] for v in flat(run(x))]
    return {**timed(lambda: run(next(rows)), float(ms), int(limit)), 'predictions': predictions}


def product(n, ms, limit):
    import numpy as np

    if not hasattr(opened(), 'product'):
        return {'unsupported': True}
    a, b = np.fromfile(f'{FOLDER}/square.f32', np.float32).reshape(2, 512, 512)
    run = engine.product(a, b)
    return {**timed(run, float(ms), int(limit)), 'sample': flat(run(), 4)}


def first(spec):
    net = parse(spec)
    start = time.perf_counter()
    run = opened().predict(net, load(net))
    predictions = flat(run(load(net).x[:1]))
    return {'ms': (time.perf_counter() - start) * 1000, 'predictions': predictions}


def memory(spec, rows, steps):
    net = parse(spec)
    trainer = opened().train(net, load(net), batches(net, int(rows)))
    for _ in range(int(steps)):
        trainer.step()
    return {'bytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def mnist(spec, rows):
    import numpy as np

    net, rows = parse(spec), int(rows)
    values = np.fromfile(f'{FOLDER}/mnist.f32', np.float32)
    count = len(values) // 785
    x, y = values[: count * 784].reshape(count, 784), values[count * 784 :]
    prepared = [(x[i : i + rows], y[i : i + rows]) for i in range(0, count, rows)]
    trainer = opened().train(net, load(net), prepared)
    losses = []
    start = time.perf_counter()
    if hasattr(trainer, 'steps'):
        trainer.steps(len(prepared) - 100)
    else:
        for _ in range(len(prepared) - 100):
            trainer.step()
    for _ in range(100):
        trainer.step()
        losses.append(float(trainer.loss()))
    return {'seconds': time.perf_counter() - start, 'loss': sum(losses) / len(losses)}


COMMANDS = {f.__name__: f for f in (about, check, train, forward, predict, product, first, memory, mnist)}
for line in sys.stdin:
    command, *words = line.split()
    try:
        answer = COMMANDS[command](*words)
    except Exception as error:
        answer = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(answer), flush=True)
