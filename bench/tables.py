"""What bench/tables.js compares with, in Python: tables of scikit-learn, and the scores and seconds of other models on them.

    python3 bench/tables.py write FOLDER                      tables that scikit-learn has or makes, as CSV; tables.json says target and task
    python3 bench/tables.py score FILE TARGET TASK SPLIT      one JSON object: { model: { error, logLoss, seconds } }

Everything is learnt on the training rows alone. Models: scikit-learn's MLP with its defaults (numbers: mean for missing, StandardScaler;
categories one-hot; targets standardised), a linear model with the same preparation, HistGradientBoosting with its defaults (categories and
missing cells natively), and RealMLP-TD-S in PyTorch as its authors describe it (https://arxiv.org/abs/2407.04491): 20 % of the training
rows, stratified, choose the epoch. One thread each.
"""

import json
import os
import sys
import time

os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = '1'

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def is_test(i, s):
    h = (i + s * 2654435769) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822507) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489909) & 0xFFFFFFFF
    return (h ^ (h >> 16)) % 5 == 0


# ---- tables ----------------------------------------------------------------------------------------------------------


def tables():
    from sklearn import datasets as d

    def frame(x, y, names=None):
        table = pd.DataFrame(x, columns=names or [f'x{j}' for j in range(x.shape[1])])
        table['target'] = y
        return table

    for name, load in (('iris', d.load_iris), ('wine', d.load_wine), ('breast_cancer', d.load_breast_cancer)):
        data = load()
        yield name, 'classification', frame(data.data, [str(data.target_names[t]) for t in data.target], list(data.feature_names))
    data = d.load_digits()
    yield 'digits', 'classification', frame(data.data, [f'd{t}' for t in data.target])
    data = d.load_diabetes()
    yield 'diabetes', 'regression', frame(data.data, data.target, list(data.feature_names))
    yield 'friedman1', 'regression', frame(*d.make_friedman1(1500, n_features=10, noise=1, random_state=1))
    yield 'friedman2', 'regression', frame(*d.make_friedman2(1500, noise=100, random_state=2))
    yield 'friedman3', 'regression', frame(*d.make_friedman3(1500, noise=0.1, random_state=3))
    x, y = d.make_hastie_10_2(3000, random_state=4)
    yield 'hastie', 'classification', frame(x, ['in' if v > 0 else 'out' for v in y])
    x, y = d.make_classification(2000, 20, n_informative=8, n_redundant=4, n_classes=4, flip_y=0.05, random_state=5)
    yield 'blobs', 'classification', frame(x, [f'c{v}' for v in y])
    x, y = d.make_regression(500, 40, n_informative=10, noise=30, random_state=6)
    yield 'straight', 'regression', frame(x, y)


def write(folder):
    listed = {}
    for name, task, table in tables():
        # Rows in mixed order, as the splits need none.
        table = table.sample(frac=1, random_state=7)
        table.to_csv(os.path.join(folder, f'{name}.csv'), index=False)
        listed[name] = {'target': 'target', 'task': task, 'rows': len(table), 'columns': table.shape[1] - 1}
    with open(os.path.join(folder, 'tables.json'), 'w') as file:
        json.dump(listed, file)


# ---- models ----------------------------------------------------------------------------------------------------------


def prepared(train, test, scale):
    """Numbers [rows, columns]: missing numbers the mean, categories one-hot with missing as one of its own; `scale` makes a scaler."""
    from sklearn.preprocessing import OneHotEncoder

    numbers = [c for c in train if pd.api.types.is_numeric_dtype(train[c])]
    words = [c for c in train if c not in numbers]
    parts = [[], []]
    if numbers:
        mean = train[numbers].mean()
        scaler = scale()
        parts[0].append(scaler.fit_transform(train[numbers].fillna(mean)))
        parts[1].append(scaler.transform(test[numbers].fillna(mean)))
    if words:
        encoder = OneHotEncoder(sparse_output=False, handle_unknown='ignore')
        parts[0].append(encoder.fit_transform(train[words].astype(str)))
        parts[1].append(encoder.transform(test[words].astype(str)))
    return [np.hstack(part) for part in parts]


class SmoothClip:
    def fit_transform(self, x):
        x = np.asarray(x, dtype=float)
        self.center = np.median(x, axis=0)
        quartiles = np.quantile(x, 0.75, axis=0) - np.quantile(x, 0.25, axis=0)
        half = (x.max(axis=0) - x.min(axis=0)) / 2
        scale = np.where(quartiles > 0, quartiles, half)
        self.factor = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1), 0)
        return self.transform(x)

    def transform(self, x):
        z = (np.asarray(x, dtype=float) - self.center) * self.factor
        return z / np.sqrt(1 + (z / 3) ** 2)


def real_mlp(x, y, test, classes, seed):
    import torch
    import torch.nn.functional as F
    from sklearn.model_selection import train_test_split

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    fit, held = train_test_split(np.arange(len(y)), test_size=0.2, random_state=seed, stratify=y if classes and np.bincount(y).min() > 1 else None)
    tensor = lambda a: torch.tensor(a, dtype=torch.float32)  # noqa: E731
    outputs = classes or 1
    middle, spread = (0, 1) if classes else (y[fit].mean(), y[fit].std() or 1)
    target = torch.tensor(y) if classes else tensor(((y - middle) / spread)[:, None])
    X, T = tensor(x), tensor(test)
    fans, units = [x.shape[1], 256, 256, 256], [256, 256, 256, outputs]
    gain = torch.ones(x.shape[1], requires_grad=True)
    weights = [(torch.zeros(a, b) if k == 3 else torch.randn(a, b)).requires_grad_() for k, (a, b) in enumerate(zip(fans, units))]
    biases = [(torch.zeros(b) if k == 3 else torch.randn(b)).requires_grad_() for k, b in enumerate(units)]
    groups = [{'params': [gain], 'f': 6.0}, {'params': weights, 'f': 1.0}, {'params': biases, 'f': 0.1}]
    optimizer = torch.optim.Adam(groups, lr=1, betas=(0.9, 0.95))
    bend = F.selu if classes else F.mish

    def forward(z):
        z = z * gain
        for k, (w, b) in enumerate(zip(weights, biases)):
            z = z @ w / w.shape[0] ** 0.5 + b
            z = bend(z) if k < 3 else z
        return z

    batch = min(256, len(fit))
    steps, step, best, kept = 256 * (len(fit) // batch), 0, None, None
    for _ in range(256):
        order = torch.tensor(fit)[torch.randperm(len(fit))]
        for k in range(len(fit) // batch):
            rate = (0.04 if classes else 0.07) * 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * step / steps)))
            for group in optimizer.param_groups:
                group['lr'] = rate * group['f']
            rows = order[k * batch : (k + 1) * batch]
            z = forward(X[rows])
            loss = F.cross_entropy(z, target[rows], label_smoothing=0.1) if classes else F.mse_loss(z, target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
        with torch.no_grad():
            z = forward(X[held])
            error = (z.argmax(1) != target[held]).float().mean().item() if classes else F.mse_loss(z, target[held]).item()
        if best is None or error <= best:
            best, kept = error, [p.detach().clone() for p in (gain, *weights, *biases)]
    with torch.no_grad():
        for p, value in zip((gain, *weights, *biases), kept):
            p.copy_(value)
        z = forward(T)
        return F.softmax(z, 1).numpy() if classes else z[:, 0].numpy() * spread + middle


def score(path, target, task, split):
    from sklearn import ensemble, linear_model, neural_network, preprocessing

    table = pd.read_csv(path)
    tests = np.array([is_test(i, split) for i in range(len(table))])
    inputs = table.drop(columns=target)
    train, test = inputs[~tests], inputs[tests]
    classes = task == 'classification'
    names, ids = np.unique(table[target].astype(str), return_inverse=True) if classes else (None, table[target].to_numpy(float))
    y, truth = ids[~tests], ids[tests]
    result = {}

    def note(name, make):
        began = time.perf_counter()
        out = make()
        seconds = time.perf_counter() - began
        if not classes:
            result[name] = {'error': float(np.sqrt(np.mean((out - truth) ** 2)) / truth.std()), 'seconds': seconds}
            return
        p = np.zeros((len(truth), len(names)))
        p[:, np.unique(y) if out.shape[1] != len(names) else np.arange(len(names))] = out
        wrong = float(np.mean(p.argmax(1) != truth))
        result[name] = {'error': wrong, 'logLoss': float(-np.log(np.maximum(p[np.arange(len(truth)), truth], 1e-6)).mean()), 'seconds': seconds}

    def plain(model):
        x, z = prepared(train, test, preprocessing.StandardScaler)
        if classes:
            return model.fit(x, y).predict_proba(z)
        return model.fit(x, (y - y.mean()) / y.std()).predict(z) * y.std() + y.mean()

    def boosted():
        words = [c for c in train if not pd.api.types.is_numeric_dtype(train[c])]
        a, b = train.copy(), test.copy()
        if words:
            encoder = preprocessing.OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=np.nan)
            a[words], b[words] = encoder.fit_transform(train[words]), encoder.transform(test[words])
        kind = ensemble.HistGradientBoostingClassifier if classes else ensemble.HistGradientBoostingRegressor
        model = kind(random_state=split, categorical_features=[c in words for c in train])
        return model.fit(a, y).predict_proba(b) if classes else model.fit(a, y).predict(b)

    mlp = neural_network.MLPClassifier if classes else neural_network.MLPRegressor
    note('sklearnMLP', lambda: plain(mlp(random_state=split)))
    note('linear', lambda: plain(linear_model.LogisticRegression(max_iter=1000) if classes else linear_model.Ridge()))
    note('histGB', boosted)
    x, z = prepared(train, test, SmoothClip)
    note('realMLP', lambda: real_mlp(x, y, z, len(names) if classes else 0, split))
    print(json.dumps(result))


if __name__ == '__main__':
    import warnings

    warnings.filterwarnings('ignore')
    if sys.argv[1] == 'write':
        write(sys.argv[2])
    else:
        score(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
