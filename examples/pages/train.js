// Reads a CSV file, trains a classifier or a regressor on it in a worker, shows how it goes, and saves what came of it.

/* global feedforward, lossChart, irises */

const { WorkerClassifier, WorkerRegressor, readCsv } = feedforward;
const part = (id) => document.getElementById(id);
const chart = lossChart(part('chart'));
const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

/** More different numbers than this in the column to predict, and it is a quantity, not a class. */
const mostClasses = 20;

let table;
let estimator;
let stopping;
/** Counts trainings: what an earlier one still has to say is not heard. */
let latest = 0;

// ---- a file comes in ---------------------------------------------------------------------------------------------------

async function read(source, name) {
  part('alarm').hidden = true;
  latest++;
  stopping?.abort();
  try {
    table = await readCsv(source, { source: name });
    show();
    await train();
  } catch (error) {
    alarm(error);
  }
}

function show() {
  part('table').hidden = false;
  part('name').textContent = table.source;
  part('shape').textContent = `${table.rows} rows, ${table.columns.length} columns`;
  const options = table.names.map((name) => Object.assign(document.createElement('option'), { value: name, textContent: name }));
  part('target').replaceChildren(...options);
  part('target').value = table.names.at(-1);
}

part('file').onchange = ({ target }) => {
  if (target.files.length > 0) read(target.files[0], target.files[0].name);
  target.value = ''; // choosing the same file again is a change too
};
part('example').onclick = () => read(irises, 'irises.csv');
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'])
  addEventListener(type, (event) => {
    event.preventDefault();
    part('drop').classList.toggle('over', type === 'dragenter' || type === 'dragover');
    const file = type === 'drop' ? event.dataTransfer.files[0] : undefined;
    if (file !== undefined) read(file, file.name);
  });

// ---- training ----------------------------------------------------------------------------------------------------------

async function train() {
  const run = ++latest;
  const target = part('target').value;
  const classes = isClass(target);
  begin();
  stopping = new AbortController();
  const { signal } = stopping;
  await estimator?.terminate();
  const options = { earlyStopping: true, onWarning: ({ message }) => note(message) };
  estimator = classes ? new WorkerClassifier(options) : new WorkerRegressor(options);
  let told = 0;
  const onEpochEnd = (log) => {
    if (run === latest) chart.add(log);
    if (run !== latest || performance.now() - told < 500) return; // screen readers read it out
    told = performance.now();
    part('status').textContent = `Epoch ${log.epoch}: loss ${log.loss.toPrecision(3)}`;
  };
  try {
    await estimator.fit(table, target, { signal, onEpochEnd });
  } catch (error) {
    if (run !== latest) return;
    if (error.name !== 'AbortError' || !estimator.isFitted) throw error;
  }
  if (run !== latest) return;
  await tell(classes);
  busy(false);
}

function begin() {
  part('notes').replaceChildren();
  part('notes').hidden = true;
  for (const text of table.notes) note(text);
  part('result').hidden = true;
  part('progress').hidden = false;
  part('status').textContent = 'Starting …';
  chart.clear();
  busy(true);
}

/** Whether a column holds classes: text, yes or no, or few whole numbers. */
function isClass(name) {
  const column = table.column(name);
  if (column.type !== 'numeric') return column.type !== 'date';
  const different = new Set(column.values);
  return different.size <= mostClasses && [...different].every(Number.isInteger);
}

function busy(on) {
  part('go').hidden = on;
  part('stop').hidden = !on;
  part('target').disabled = on;
  part('progress').setAttribute('aria-busy', on);
}

part('go').onclick = () => train().catch(alarm);
part('stop').onclick = () => stopping.abort();

// ---- what came of it ---------------------------------------------------------------------------------------------------

async function tell(classes) {
  const { epochs, bestEpoch, bestValidationScore: score, rows, seconds, stoppedBy, target } = estimator;
  const held = Math.ceil(rows / 10);
  const ended = { abort: 'You stopped it', earlyStopping: 'It stopped by itself', epochs: 'It ended' }[stoppedBy] ?? 'It ended';
  part('status').textContent =
    `${ended} after ${epochs} epochs and ${seconds.toFixed(1)} seconds ${estimator.offThread ? 'in a worker' : 'on the page’s own thread'}; the best was epoch ${bestEpoch}.`;
  part('chart').ariaLabel =
    `Loss after each of ${epochs} epochs, from ${estimator.lossCurve[0].toPrecision(3)} to ${estimator.lossCurve.at(-1).toPrecision(3)}`;
  part('score').textContent = classes ? `Right on ${percent(score)}` : `R² ${score.toFixed(2)}`;
  part('explained').textContent = classes
    ? `of ${held} rows that were held out, ${target} told from ${estimator.featureNames.length} inputs.`
    : `on ${held} rows that were held out: ${percent(Math.max(0, score))} of what moves ${target} is explained.`;
  const save = part('save');
  if (save.href.startsWith('blob:')) URL.revokeObjectURL(save.href);
  save.href = URL.createObjectURL(new Blob([await estimator.save()]));
  save.download = `${table.source.replace(/\.\w+$/, '')}.ff`;
  part('result').hidden = false;
}

function note(text) {
  part('notes').append(Object.assign(document.createElement('li'), { textContent: text }));
  part('notes').hidden = false;
}

function alarm(error) {
  part('alarm').textContent = error.message;
  part('alarm').hidden = false;
  part('progress').hidden = true;
  busy(false);
}
