// The page's one worker: all that computes. It trains in short slices by its own clock, so that a hidden tab goes on, and shows itself
// as often as the page has painted.

import { explain } from 'feedforward';
import { codeOf } from './code';
import { calmer, curesOf } from './cures';
import { columnsOf } from './data';
import { useDigits } from './digits';
import { coordinatesOf, type Experiment, type FeatureName } from './experiment';
import type { Lane, Order, Pace, Palette, Question, Report, Told } from './messages';
import { type Detail, Session } from './session';
import { pointsOf } from './table';

declare const VERSION: string;

/** Milliseconds that are trained before messages are read, and between two frames: at least, and at most where they are dear. */
const slice = 15;
const frameApart = 30;
const mostApart = 120;
/** Share of the time that frames may take at full speed: where they cost much, they come less often. */
const frameShare = 0.08;

const sessions: (Session | undefined)[] = [undefined, undefined];
const wanted: (Experiment | undefined)[] = [undefined, undefined];
let palette: Palette | undefined;
let pace: Pace = 10;
let playing = false;
/** Epochs that a link asks for. */
let goal: number | undefined;
/** The epoch that time travel is on its way to. */
let sought: number | undefined;
let painted = true;
let lastFrame = 0;
/** Milliseconds that a frame takes, by the last ones. */
let frameTook = 0;
/** Epochs that fit into a part of a slice. */
let chunk = 1;
let scheduled = false;
const fresh = [true, true];

let rows = 0;
let busySince = 0;
let rate = 0;

const say = (report: Report, buffers: Transferable[] = []) => postMessage(report, { transfer: buffers });

// ---- training ----------------------------------------------------------------------------------------------------------

const channel = new MessageChannel();
channel.port1.onmessage = () => {
  scheduled = false;
  work();
};

/** Goes on as soon as messages that wait are read, or after some milliseconds. */
function goOn(wait = 0): void {
  if (scheduled) return;
  scheduled = true;
  if (wait > 0) setTimeout(() => channel.port2.postMessage(0), wait);
  else channel.port2.postMessage(0);
}

/** At full speed: whether the page has painted the last frame, and some time has passed since. */
const isFrameDue = () =>
  painted && performance.now() - lastFrame >= Math.min(mostApart, Math.max(frameApart, frameTook / frameShare));

const live = () => sessions.filter((session) => session !== undefined);

/** Nothing trains, nothing travels. */
function rest(): void {
  playing = false;
  goal = undefined;
  sought = undefined;
}

/** On to the epoch that is sought, a slice at a time; while it is far, with what there is on the way. */
function travel(epoch: number): void {
  const start = performance.now();
  let arrived: boolean;
  do {
    const before = performance.now();
    arrived = live()
      .map((session) => session.approach(epoch, chunk))
      .every(Boolean);
    adapt(performance.now() - before);
  } while (!arrived && performance.now() - start < slice);
  if (arrived) {
    sought = undefined;
    frame(true);
    return;
  }
  if (painted && performance.now() - lastFrame >= frameApart) frame(false);
  goOn();
}

/** As many epochs at a time as fit into a part of a slice: few calls of fit, each of which has something to prepare. */
function adapt(took: number): void {
  if (took < slice / 4) chunk = Math.min(2 * chunk, 4096);
  else if (took > slice) chunk = Math.max(1, chunk >> 1);
}

function work(): void {
  if (sought !== undefined) {
    travel(sought);
    return;
  }
  if (!playing && goal === undefined) return;
  const start = performance.now();
  const due = goal === undefined ? pace : 0;
  let done = 0;
  do {
    const left = goal === undefined ? (due === 0 ? Number.POSITIVE_INFINITY : due - done) : goal - (sessions[0]?.epoch ?? 0);
    if (left <= 0) break;
    const epochs = Math.min(chunk, left);
    const before = performance.now();
    for (const session of live()) {
      session.train(epochs);
      rows += epochs * session.made.train.X.shape[0];
    }
    done += epochs;
    adapt(performance.now() - before);
  } while (performance.now() - start < slice && !(due === 0 && isFrameDue()));

  const now = performance.now();
  if (now - busySince > 400) {
    rate = (1000 * rows) / (now - busySince);
    rows = 0;
    busySince = now;
  }
  if (live().every(({ broken }) => broken !== undefined)) {
    rest();
    for (const session of live()) session.keep(true);
    frame(true);
    return;
  }
  const reached = goal !== undefined && (sessions[0]?.epoch ?? 0) >= goal;
  if (reached) {
    rest();
    for (const session of live()) session.keep(true);
    frame(true, true);
    return;
  }
  const whole = due === 0 || done >= due;
  const isDue = due > 0 ? painted : isFrameDue();
  // Of slow training each portion is a point of the curve, whether or not the page has time to paint it.
  if (whole && (due > 0 || isDue)) for (const session of live()) session.keep(false);
  if (whole && isDue) {
    frame(false);
    // A frame that the machine interrupts takes long by chance: it counts as twice the others at most.
    frameTook += 0.2 * (Math.min(performance.now() - now, 2 * frameTook || slice) - frameTook);
  }
  // With a pace, one portion for each frame; without, all there is time for.
  goOn(due > 0 && whole ? Math.max(0, 16 - (performance.now() - start)) : 0);
}

function start(): void {
  if (live().length === 0) return;
  busySince = performance.now();
  rows = 0;
  goOn();
}

// ---- frames ------------------------------------------------------------------------------------------------------------

function frame(resting: boolean, reached = false): void {
  if (palette === undefined) return;
  const detail: Detail = resting ? 'resting' : playing && pace === 0 ? 'hurried' : 'moving';
  const lanes = sessions.map((session, lane) => {
    const isFresh = fresh[lane]!;
    fresh[lane] = false;
    return session?.state(palette!, detail, isFresh);
  });
  const buffers = lanes.flatMap((lane) =>
    lane === undefined
      ? []
      : [
          ...(lane.map ? [lane.map.pixels.buffer] : []),
          ...(lane.curve ? [lane.curve.buffer] : []),
          ...Object.values(lane.curves).map(({ buffer }) => buffer),
          ...(lane.layers ?? []).flatMap(({ units, weights }) => [weights.buffer, ...units.map(({ pixels }) => pixels.buffer)]),
        ],
  );
  painted = false;
  lastFrame = performance.now();
  say(
    {
      type: 'frame',
      lanes,
      playing: playing || goal !== undefined,
      rowsPerSecond: playing ? rate : 0,
      ...(reached && { reached }),
    },
    buffers,
  );
}

function make(lane: Lane): void {
  const experiment = wanted[lane];
  try {
    sessions[lane] = experiment === undefined ? undefined : new Session(experiment);
    fresh[lane] = true;
  } catch (error) {
    sessions[lane] = undefined;
    say({ type: 'trouble', lane, text: (error as Error).message });
  }
}

// ---- orders ------------------------------------------------------------------------------------------------------------

function obey(order: Exclude<Order, { type: 'ask' }>): void {
  switch (order.type) {
    case 'palette':
      palette = order.palette;
      frame(!playing);
      return;
    case 'set':
      wanted[order.lane] = order.experiment;
      goal = undefined;
      sought = undefined;
      // Both begin again: a race is fair only from one start.
      for (const lane of [0, 1] as const)
        if (lane === order.lane || (wanted[lane] !== undefined && (sessions[lane]?.epoch ?? 1) > 0)) make(lane);
      frame(!playing);
      if (playing) start();
      return;
    case 'play':
      pace = order.pace;
      rest();
      playing = true;
      start();
      return;
    case 'pause':
      rest();
      for (const session of live()) session.keep(true);
      frame(true);
      return;
    case 'step':
      rest();
      for (const session of live()) {
        session.train(1);
        session.keep(true);
      }
      frame(true);
      return;
    case 'reset':
      sought = undefined;
      for (const lane of [0, 1] as const) if (wanted[lane] !== undefined) make(lane);
      frame(!playing);
      return;
    case 'seek':
      for (const session of live()) {
        if (playing || goal !== undefined) session.keep(true); // the end of the scale
        session.seek(order.epoch);
      }
      rest();
      sought = order.epoch;
      goOn();
      return;
    case 'reach':
      rest();
      goal = order.epochs;
      if ((sessions[0]?.epoch ?? 0) >= goal) {
        rest();
        frame(true, true);
        return;
      }
      start();
      return;
    case 'digits':
      useDigits(order.text);
      return;
    case 'painted':
      painted = true;
  }
}

// ---- questions ---------------------------------------------------------------------------------------------------------

function first(): Session {
  const session = sessions[0];
  if (session === undefined) throw new Error('There is no network yet.');
  return session;
}

async function hash(): Promise<string> {
  if (globalThis.crypto?.subtle === undefined)
    throw new Error('This page is not served over https, where browsers compute no SHA-256.');
  const bytes = Float32Array.from(first().model.getVector());
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function columns({ experiment }: Session, [x, y]: readonly [number, number]) {
  return columnsOf(
    experiment.features,
    Float32Array.from(coordinatesOf(experiment.data) === 1 ? [x] : [x, y]),
    coordinatesOf(experiment.data),
  );
}

async function answer(question: Question): Promise<Told[keyof Told]> {
  if (question.what === 'table') return pointsOf(question.text);
  const session = first();
  const { model, experiment, made } = session;
  switch (question.what) {
    case 'answer':
      return { outputs: Array.from(model.predict(columns(session, question.at)).data) };
    case 'digit':
      return { outputs: Array.from(model.predict({ data: question.pixels, shape: [1, question.pixels.length] }).data) };
    case 'sample': {
      const { X, y } = made.test;
      const [rows, columns] = X.shape;
      const row = question.index % rows;
      const pixels = X.data.slice(row * columns, (row + 1) * columns) as Float32Array<ArrayBuffer>;
      return { pixels, truth: y.data[row]! };
    }
    case 'explain': {
      const X = columns(session, question.at);
      const outputs = Array.from(model.predict(X).data);
      const output = outputs.indexOf(Math.max(...outputs));
      const { base, values, predictions } = explain(model, X, { background: made.train.X, output, budget: 2 });
      const parts = experiment.features.map((name, j) => ({ name, value: values.data[j]! }));
      return { base, prediction: predictions[0]!, parts, output: outputs.length > 1 ? `class ${output}` : 'answer' };
    }
    case 'diagnose': {
      if (session.broken !== undefined) return { healthy: false, text: session.broken, cures: [calmer(experiment)] };
      const found = model.diagnose(made.train.X, made.train.y);
      const text = found.healthy ? found.verdict : found.problems.map((problem) => `${problem.text} ${problem.fix}`).join('\n');
      return { healthy: found.healthy, text, cures: curesOf(experiment, found) };
    }
    case 'hash':
      return hash();
    case 'code':
      return codeOf(question.language, experiment, session, VERSION);
    case 'file':
      return {
        model: model.save({ optimizer: true }),
        rows: made.train.X.data.slice() as Float32Array<ArrayBuffer>,
        names: experiment.data.kind === 'digits' ? made.center.map((_, k) => `pixel${k}`) : experiment.features.map(plainName),
      };
  }
}

/** Names of columns that every format takes. */
const plainName = (name: FeatureName) => name.replace('²', '2').replace(' ', '_');

globalThis.onmessage = async ({ data }: MessageEvent<Order>) => {
  if (data.type !== 'ask') {
    try {
      obey(data);
    } catch (error) {
      say({ type: 'trouble', lane: 0, text: (error as Error).message });
    }
    return;
  }
  const { id, question } = data;
  try {
    say({ type: 'told', id, answer: await answer(question) });
  } catch (error) {
    say({ type: 'told', id, error: (error as Error).message });
  }
};
say({ type: 'ready', version: VERSION });
