"""Whether periodic features of numbers pay in the presets' nets: errors and log losses with them over those without, on tables.

    python3 bench/periodic.py FOLDER [--preset quick|default] [--splits 0,1,2] [--seeds 0,1] [--only NAME,NAME] [--kinds none,0.1,…] [--json FILE]

FOLDER holds NAME.csv and references.json or tables.json, { NAME: { target, task } }. The nets are those of src/estimators/presets.ts, in PyTorch: columns by
median and quartiles drawn in by a tanh, text of 10 and more categories as two numbers each, a gain for each input, NTK layers, Adam on
coslog4, label smoothing, each net watching another fifth, its best epoch, the mean of the nets, one temperature; without the share of a linear model,
which would hide what the nets gain. Nets of one kind train side by side, and all kinds see the same rows in the same order.

A kind 0.1 adds PBLD of RealMLP-TD (https://arxiv.org/abs/2407.04491) to every column of numbers: x becomes [x, V cos(2 pi w x + b) + c], 16
frequencies w from N(0, 0.1^2), b from U(-pi, pi), V [16, 3] and c from U(-1/4, 1/4), all learnt at a tenth of the rate; x in units of the quartiles'
distance, in (-3, 3). 0.1x1 learns them at the whole rate, 0.1fixed leaves w and b as they start, 0.1/8 has 8 frequencies and one output, and
0.1raw7fixed has 7 waves cos(2 pi w x + b) themselves, without V and c. ple8 adds piecewise-linear encodings of 8 bins between quantiles
(https://arxiv.org/abs/2203.05556), and none3 nothing, but gains begin at 3.
"""

import argparse
import json
import os
import re
import time

os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = '1'

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from tables import is_test  # noqa: E402

PRESETS = {'quick': (2, 64, 30), 'default': (4, 128, 128)}
FOLDS = 5
LEAST_TO_COUNT = 400


# ---- what the nets read ----------------------------------------------------------------------------------------------


def columns_of(train, test):
    """For both: numbers scaled as a preset does, indicators, codes of many categories, and how many of these there are in each column."""
    numbers = [c for c in train if pd.api.types.is_numeric_dtype(train[c])]
    parts = [[], []]
    for c in numbers:
        both = [of[c].fillna(train[c].mean()).to_numpy(float) for of in (train, test)]
        if set(np.unique(both[0])) <= {0, 1}:
            continue
        middle, spread = np.median(both[0]), np.subtract(*np.quantile(both[0], [0.75, 0.25]))
        spread = spread or np.ptp(both[0]) / 2 or 1
        for part, values in zip(parts, both):
            part.append((values - middle) / spread / 3)
    indicators, codes, sizes = [[], []], [[], []], []
    for c in train:
        filled = [of[c].fillna(train[c].mean()) if c in numbers else of[c].astype(str) for of in (train, test)]
        if c in numbers:
            if set(np.unique(filled[0])) <= {0, 1}:
                for part, values in zip(indicators, filled):
                    part.append(values.to_numpy(float))
            continue
        names = sorted(filled[0].unique())
        places = [values.map({name: k for k, name in enumerate(names)}).fillna(-1).to_numpy(int) for values in filled]
        if len(names) >= 10:
            sizes.append(len(names) + 1)
            for part, place in zip(codes, places):
                part.append(np.where(place < 0, len(names), place))
        else:
            for part, place in zip(indicators, places):
                part.extend((place == k).astype(float) for k in range(len(names) if len(names) > 2 else 1))
    stacked = lambda part, dtype, rows: torch.tensor(np.array(part).T if part else np.zeros((rows, 0)), dtype=dtype)  # noqa: E731
    read = [
        (stacked(p, torch.float32, len(of)), stacked(i, torch.float32, len(of)), stacked(k, torch.int64, len(of)))
        for p, i, k, of in zip(parts, indicators, codes, (train, test))
    ]
    return read[0], read[1], sizes


def binned(read, tested, bins):
    """With the piecewise-linear encoding of every number beside it, bins between quantiles."""
    if bins == 0:
        return read, tested
    edges = [np.unique(np.quantile(column.numpy(), np.linspace(0, 1, bins + 1))) for column in read[0].T]
    def more(part):
        extra = [
            torch.clamp((column - low) / (high - low), 0, 1)
            for column, places in zip(part[0].T, edges)
            for low, high in zip(places, places[1:])
        ]
        return part[0], torch.cat([part[1], torch.atanh(torch.stack(extra, 1) * 0.76159)], 1), part[2]

    return more(read), more(tested)


# ---- nets side by side -----------------------------------------------------------------------------------------------


class Kind:
    def __init__(self, name):
        self.name, self.frequencies, self.size, self.rate, self.fixed, self.raw, self.sigma = name, 16, 3, 0.1, False, False, None
        self.bins = int(name[3:]) if name.startswith('ple') else 0
        self.grow = float(name[4:]) if name.startswith('none') and len(name) > 4 else 1
        if name.startswith('none') or self.bins > 0:
            return
        found = re.fullmatch(r'([0-9.]+)(?:/(\d+))?(?:raw(\d+))?(?:x([0-9.]+))?(fixed)?', name)
        self.sigma = float(found[1])
        if found[2]:
            self.frequencies, self.size = int(found[2]), 1
        if found[3]:
            self.frequencies = self.size = int(found[3])
            self.raw = True
        if found[4]:
            self.rate = float(found[4])
        self.fixed = found[5] is not None


class Nets:
    """As many nets as `seeds`, each from its own seed; tensors have a net for each place of their first axis."""

    def __init__(self, kind, seeds, numbers, indicators, sizes, units, outputs, classes):
        self.kind, self.classes = kind, classes
        draws = [torch.Generator().manual_seed(seed) for seed in seeds]
        normal = lambda *shape: torch.stack([torch.randn(*shape, generator=g) for g in draws])  # noqa: E731
        uniform = lambda most, *shape: torch.stack([(2 * torch.rand(*shape, generator=g) - 1) * most for g in draws])  # noqa: E731
        periodic = kind.sigma is not None and numbers > 0
        inputs = numbers + indicators + 2 * len(sizes) + (kind.size * numbers if periodic else 0)
        fans = [inputs, units, units, units]
        widths = [units, units, units, outputs]
        self.parameters, self.factors = {}, {}

        def add(name, value, factor):
            self.parameters[name], self.factors[name] = value.requires_grad_(), factor

        for k, (a, b) in enumerate(zip(fans, widths)):
            add(f'w{k}', torch.zeros(len(seeds), a, b) if k == 3 else normal(a, b), 1)
            add(f'b{k}', torch.zeros(len(seeds), 1, b) if k == 3 else normal(1, b), 0.1)
        for k, size in enumerate(sizes):
            add(f'e{k}', 0.3 * normal(size, 2), 3)
        add('gain', torch.full((len(seeds), 1, inputs), float(kind.grow)), 6)
        self.embedded = len(sizes)
        if periodic:
            span = 1 / np.sqrt(kind.frequencies)
            add('frequency', kind.sigma * normal(numbers, 1, kind.frequencies), 0 if kind.fixed else kind.rate)
            add('phase', uniform(np.pi, numbers, 1, kind.frequencies), 0 if kind.fixed else kind.rate)
            if not kind.raw:
                add('mix', uniform(span, numbers, kind.frequencies, kind.size), kind.rate)
                add('shift', uniform(span, numbers, 1, kind.size), kind.rate)
        self.moments = {name: [torch.zeros_like(p), torch.zeros_like(p)] for name, p in self.parameters.items()}
        self.step = 0

    def forward(self, numbers, indicators, codes, at=None):
        """Each [nets, rows, columns]; `at` picks nets."""
        p = self.parameters if at is None else {name: value[at] for name, value in self.parameters.items()}
        nets = torch.arange(len(codes))[:, None]
        embedded = [p[f'e{k}'][nets, codes[:, :, k]] for k in range(self.embedded)]
        z = torch.tanh(torch.cat([numbers, indicators, *embedded], 2))
        if 'phase' in p:
            x = 3 * z[:, :, : numbers.shape[2]].transpose(1, 2).unsqueeze(3)
            waves = torch.cos(x * (2 * np.pi * p['frequency']) + p['phase'])
            if 'mix' in p:
                waves = waves @ p['mix'] + p['shift']
            z = torch.cat([z, waves.transpose(1, 2).flatten(2)], 2)
        z = z * p['gain']
        for k in range(4):
            w = p[f'w{k}']
            z = torch.baddbmm(p[f'b{k}'], z, w, alpha=w.shape[1] ** -0.5)
            if k < 3:
                z = F.selu(z) if self.classes else F.mish(z)
        return z

    def advance(self, loss, rate):
        gradients = torch.autograd.grad(loss, list(self.parameters.values()))
        self.step += 1
        with torch.no_grad():
            for (name, p), g in zip(self.parameters.items(), gradients):
                m, v = self.moments[name]
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.95).addcmul_(g, g, value=0.05)
                size = rate * self.factors[name] / (1 - 0.9**self.step)
                p.addcdiv_(m, (v / (1 - 0.95**self.step)).sqrt_().add_(1e-8), value=-size)


def losses_of(z, target, classes):
    """[nets, rows]"""
    if not classes:
        return (z[:, :, 0] - target) ** 2
    return F.cross_entropy(z.flatten(0, 1), target.flatten(), label_smoothing=0.1, reduction='none').view(target.shape)


def folds_of(rows, seed, members, labels):
    draw = np.random.default_rng([seed, 1])
    fold, dealt = np.full(rows, -1), 0
    for group in [np.flatnonzero(labels == c) for c in np.unique(labels)] if labels is not None else [np.arange(rows)]:
        if len(group) > 1 or labels is None:
            fold[draw.permutation(group)] = (dealt + np.arange(len(group))) % FOLDS
            dealt += len(group)
    return [(np.flatnonzero(fold != m % FOLDS), np.flatnonzero(fold == m % FOLDS)) for m in range(members)]


def train(kind, seeds, preset, read, tested, sizes, target, outputs, classes):
    """Outputs for the test rows, of each seed: the mean of its nets, divided by the temperature that fits what they watched."""
    members, units, epochs = PRESETS[preset]
    numbers, indicators, codes = read
    rows = len(numbers)
    if rows < 500:
        units = min(64, units)
    pairs = [(seed, m) for seed in seeds for m in range(members)]
    folds = [fold for seed in seeds for fold in folds_of(rows, seed, members, target.numpy() if classes else None)]
    least = min(len(fit) for fit, _ in folds)
    watched = [torch.tensor(held) for _, held in folds]
    nets = Nets(kind, [1000 * seed + m for seed, m in pairs], numbers.shape[1], indicators.shape[1], sizes, units, outputs, classes)
    batch = min(256, max(32, 2 ** round(np.log2(least / 8))))
    each = -(-least // batch)
    counts = classes and min(len(held) for held in watched) >= LEAST_TO_COUNT
    draws = [np.random.default_rng([seed, m, 2]) for seed, m in pairs]
    ends = [round(part * epochs / 15) for part in (1, 3, 7)]
    history, ended = [], [False] * len(pairs)
    kept = {name: p.detach().clone() for name, p in nets.parameters.items()}
    best = [None] * len(pairs)
    for epoch in range(epochs):
        order = torch.tensor(np.array([draw.permutation(fit)[:least] for draw, (fit, _) in zip(draws, folds)]))
        for k in range(each):
            t = (epoch * each + k) / (epochs * each)
            rate = (0.04 if classes else 0.07) * 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t)))
            at = order[:, k * batch : (k + 1) * batch]
            z = nets.forward(numbers[at], indicators[at], codes[at])
            nets.advance(losses_of(z, target[at], classes).mean(1).sum(), rate)
        with torch.no_grad():
            now = []
            for j, held in enumerate(watched):
                z = nets.forward(numbers[held][None], indicators[held][None], codes[held][None], slice(j, j + 1))
                loss = losses_of(z, target[held][None], classes).mean().item()
                right = (z[0].argmax(1) == target[held]).sum().item() if counts else None
                now.append((loss, right))
                score = right if counts else -loss
                if not ended[j] and (best[j] is None or (score >= best[j] if counts else score > best[j])):
                    best[j] = score
                    for name, p in nets.parameters.items():
                        kept[name][j] = p[j]
            history.append(now)
        wave = ends.index(epoch + 1) if epoch + 1 in ends else 0
        if wave >= 1:
            for j in range(len(pairs)):
                by_loss = int(np.argmin([h[j][0] for h in history]))
                by_right = max(e for e, h in enumerate(history) if h[j][1] == max(g[j][1] for g in history)) if counts else 0
                ended[j] = ended[j] or max(by_loss, by_right) < ends[wave - 1]
            if all(ended):
                break
    with torch.no_grad():
        nets.parameters = kept
        answers = nets.forward(*[part[None].expand(len(pairs), *part.shape) for part in tested])
        answers = answers.view(len(seeds), members, *answers.shape[1:]).mean(1)
        if not classes:
            return answers
        for s in range(len(seeds)):
            own = range(s * members, (s + 1) * members)
            z = torch.cat([nets.forward(*[part[watched[j]][None] for part in read], slice(j, j + 1))[0] for j in own])
            truth = torch.cat([target[watched[j]] for j in own])
            tried = np.exp(np.linspace(np.log(0.2), np.log(5), 161))
            answers[s] /= tried[int(np.argmin([F.cross_entropy(z / t, truth).item() for t in tried]))]
        return answers


# ---- tables ----------------------------------------------------------------------------------------------------------


def scored(folder, name, target, task, split, seeds, preset, kinds):
    """{ kind: [{ error, logLoss }] } for each seed, and seconds of all."""
    table = pd.read_csv(os.path.join(folder, f'{name}.csv'))
    tests = np.array([is_test(i, split) for i in range(len(table))])
    inputs = table.drop(columns=target)
    read, tested, sizes = columns_of(inputs[~tests], inputs[tests])
    classes = task == 'classification'
    names, ids = np.unique(table[target].astype(str), return_inverse=True) if classes else (None, table[target].to_numpy(float))
    y, truth = ids[~tests], ids[tests]
    middle, spread = (0, 1) if classes else (y.mean(), y.std() or 1)
    learnt = torch.tensor(y) if classes else torch.tensor((y - middle) / spread, dtype=torch.float32)
    results = {}
    for kind in kinds:
        began = time.perf_counter()
        as_read, as_tested = binned(read, tested, Kind(kind).bins)
        answers = train(Kind(kind), seeds, preset, as_read, as_tested, sizes, learnt, len(names) if classes else 1, classes)
        seconds = time.perf_counter() - began
        if classes:
            p = F.softmax(answers, 2).numpy()
            of = [
                {
                    'error': max(float(np.mean(one.argmax(1) != truth)), 0.5 / len(truth)),
                    'logLoss': float(-np.log(np.maximum(one[np.arange(len(truth)), truth], 1e-6)).mean()),
                }
                for one in p
            ]
        else:
            of = [{'error': float(np.sqrt(np.mean((one[:, 0].numpy() * spread + middle - truth) ** 2)) / truth.std())} for one in answers]
        results[kind] = {'scores': of, 'seconds': seconds}
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder')
    parser.add_argument('--preset', default='quick', choices=list(PRESETS))
    parser.add_argument('--splits', default='0,1,2')
    parser.add_argument('--seeds', default='0,1')
    parser.add_argument('--only')
    parser.add_argument('--kinds', default='none,0.03,0.1,0.3,1')
    parser.add_argument('--json')
    given = parser.parse_args()
    torch.set_num_threads(1)
    listed = next(os.path.join(given.folder, file) for file in ('references.json', 'tables.json') if os.path.exists(os.path.join(given.folder, file)))
    with open(listed) as file:
        tables = json.load(file)
    tables = tables.get('tables', tables)
    kinds, seeds = given.kinds.split(','), [int(s) for s in given.seeds.split(',')]
    splits = [int(s) for s in given.splits.split(',')]
    print(f'{given.preset}: error (log loss), means over splits {given.splits} and seeds {given.seeds}', flush=True)
    print('table'.ljust(12), *[kind.rjust(16) for kind in kinds], flush=True)
    results = {}
    for name in given.only.split(',') if given.only else tables:
        runs = [scored(given.folder, name, tables[name]['target'], tables[name]['task'], split, seeds, given.preset, kinds) for split in splits]
        results[name] = {}
        for kind in kinds:
            scores = [score for run in runs for score in run[kind]['scores']]
            results[name][kind] = {key: [score[key] for score in scores] for key in scores[0]}
            results[name][kind]['seconds'] = sum(run[kind]['seconds'] for run in runs)
        mean = lambda kind, key: np.mean(results[name][kind][key]) if key in results[name][kind] else None  # noqa: E731
        shown = lambda kind: f'{mean(kind, "error"):.4f}' + (f' ({mean(kind, "logLoss"):.3f})' if mean(kind, 'logLoss') else '')  # noqa: E731
        print(name.ljust(12), *[shown(kind).rjust(16) for kind in kinds], flush=True)
    first = kinds[0]
    for key in ('error', 'logLoss', 'seconds'):
        judged = [of for of in results.values() if key in of[first]]
        ratios = [np.exp(np.mean([np.log(np.mean(of[kind][key]) / np.mean(of[first][key])) for of in judged])) if judged else np.nan for kind in kinds]
        print(f'{key}'.ljust(12), *[f'{ratio:.3f}'.rjust(16) for ratio in ratios])
    print(f'geometric means over {first}')
    if given.json:
        with open(given.json, 'w') as file:
            json.dump(results, file, indent=1)


if __name__ == '__main__':
    main()
