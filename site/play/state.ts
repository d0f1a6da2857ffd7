// What the page knows, as signals; and the worker behind it. Whatever computes is asked of the worker.

import { batch, computed, effect, signal } from '@preact/signals';
import { loadScript } from '../loadScript';
import { defaults, type Experiment } from './experiment';
import { linkOf, type Proof, readLink } from './link';
import type { Lane, LaneState, Order, Pace, Palette, PointSet, Question, Report, Told } from './messages';

declare global {
  /** The text of the worker: play-worker.js sets it. */
  var playWorker: string | undefined;
  /** The text of the digits: play-digits.js sets it. */
  var playDigits: string | undefined;
}

/** The experiment of each lane; the second only while two race. */
export const lanes = [signal<Experiment>(defaults), signal<Experiment | undefined>(undefined)] as const;
/** The lane that the controls change. */
export const edited = signal<Lane>(0);
export const experiment = computed<Experiment>(() => (edited.value === 1 ? lanes[1].value : undefined) ?? lanes[0].value);

export const states = [signal<LaneState | undefined>(undefined), signal<LaneState | undefined>(undefined)] as const;
export const points = [signal<PointSet | undefined>(undefined), signal<PointSet | undefined>(undefined)] as const;
export const playing = signal(false);
export const pace = signal<Pace>(10);
export const rowsPerSecond = signal(0);
/** What keeps an experiment from being made, in words. */
export const trouble = signal<string | undefined>(undefined);
/** What is wrong with a link, in words. */
export const badLink = signal<string | undefined>(undefined);
/** What became of a link's promise. */
export const proof = signal<{ readonly kept: boolean; readonly words: string } | undefined>(undefined);
/** A moment's news, read out to those who listen. */
export const news = signal('');
const version = signal('');

// ---- the worker --------------------------------------------------------------------------------------------------------

let worker: Worker | undefined;
/** What was asked for before the worker was there. */
const early: Order[] = [];

function order(message: Order): void {
  if (worker === undefined) early.push(message);
  else worker.postMessage(message);
}

function wake(): void {
  worker = new Worker(URL.createObjectURL(new Blob([playWorker!], { type: 'text/javascript' })));
  worker.onmessage = hear;
  worker.onerror = (event) => {
    trouble.value = `The page's worker stopped: ${event.message}. Reload the page.`;
  };
  for (const message of early.splice(0)) worker.postMessage(message);
}

const engine = document.getElementById('engine');
if (globalThis.playWorker !== undefined) setTimeout(wake);
else {
  engine?.addEventListener('load', wake);
  engine?.addEventListener('error', () => {
    trouble.value = 'play-worker.js, which computes, cannot be loaded. Reload the page.';
  });
}

let questions = 0;
const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();

/** Asks the worker. */
export function ask<Q extends Question>(question: Q): Promise<Told[Q['what']]> {
  return new Promise((resolve, reject) => {
    waiting.set(++questions, { resolve, reject });
    order({ type: 'ask', id: questions, question });
  });
}

let reaching: Proof | undefined;

function hear({ data }: MessageEvent<Report>): void {
  if (data.type === 'told') {
    const { resolve, reject } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if (data.error === undefined) resolve(data.answer as never);
    else reject(new Error(data.error));
    return;
  }
  if (data.type === 'ready') {
    version.value = data.version;
    return;
  }
  if (data.type === 'trouble') {
    trouble.value = data.text;
    return;
  }
  batch(() => {
    for (const lane of [0, 1] as const) {
      const state = withPictures(data.lanes[lane], states[lane].peek());
      states[lane].value = state;
      if (state?.points !== undefined) points[lane].value = state.points;
      if (lane === 0 && state !== undefined) trouble.value = undefined;
    }
    playing.value = data.playing;
    rowsPerSecond.value = data.rowsPerSecond;
  });
  requestAnimationFrame(() => order({ type: 'painted' }));
  if (data.reached && reaching !== undefined) void judge(reaching);
}

/** A frame without layers, or without confusion, keeps those of the frame before, unless it is of other rows. */
const withPictures = (state: LaneState | undefined, before: LaneState | undefined): LaneState | undefined =>
  state && {
    ...state,
    ...(state.points === undefined && before?.confusion && { confusion: state.confusion ?? before.confusion }),
    ...(before?.layers && { layers: state.layers ?? before.layers }),
  };

// ---- changes, and back -------------------------------------------------------------------------------------------------

type Past = readonly [Experiment, Experiment | undefined];
const past: Past[] = [];
const future: Past[] = [];
export const canUndo = signal(false);
export const canRedo = signal(false);
let lastChange = '';
let lastTime = 0;

const now = (): Past => [lanes[0].peek(), lanes[1].peek()];

function go(to: Past): void {
  batch(() => {
    if (lanes[0].peek() !== to[0]) lanes[0].value = to[0];
    if (lanes[1].peek() !== to[1]) lanes[1].value = to[1];
    if (to[1] === undefined) edited.value = 0;
    canUndo.value = past.length > 0;
    canRedo.value = future.length > 0;
  });
}

function remember(what: string): void {
  const time = performance.now();
  // A slider that is dragged is one change.
  if (what === '' || what !== lastChange || time - lastTime > 800) past.push(now());
  if (past.length > 200) past.shift();
  lastChange = what;
  lastTime = time;
  future.length = 0;
}

/** Changes the experiment at hand. `what`: a name, so that many small changes of one slider are undone as one. */
export function change(next: Partial<Experiment> | ((experiment: Experiment) => Experiment), what = ''): void {
  const old = experiment.peek();
  const changed = typeof next === 'function' ? next(old) : { ...old, ...next };
  remember(what);
  const [a, b] = now();
  // The data are one for both: a race on two data sets is none.
  const shared = { data: changed.data, heldOut: changed.heldOut, seed: changed.seed };
  const lane = edited.peek();
  go(
    lane === 1
      ? [{ ...a, ...shared, features: keep(a, changed) }, changed]
      : [changed, b && { ...b, ...shared, features: keep(b, changed) }],
  );
}

const keep = (other: Experiment, changed: Experiment) =>
  other.data.kind === changed.data.kind ? other.features : changed.features;

export function undo(): void {
  const to = past.pop();
  if (to === undefined) return;
  future.push(now());
  lastChange = '';
  go(to);
}

export function redo(): void {
  const to = future.pop();
  if (to === undefined) return;
  past.push(now());
  lastChange = '';
  go(to);
}

/** A rival with the same settings appears, to be changed; or goes. */
export function race(on: boolean): void {
  remember('');
  const [a] = now();
  go([a, on ? { ...a } : undefined]);
  edited.value = on ? 1 : 0;
}

let digits: 'none' | 'here' | Promise<void> = 'none';

/** Brings the digits to the worker, once. @throws in words, where they cannot be loaded. */
async function bringDigits(): Promise<void> {
  if (digits === 'here') return;
  if (digits === 'none')
    digits = loadScript('play-digits.js').then(
      () => {
        order({ type: 'digits', text: playDigits! });
        digits = 'here';
      },
      () => {
        digits = 'none';
        throw new Error('play-digits.js, which holds the digits, cannot be loaded. Are you still online?');
      },
    );
  return digits;
}

async function send(lane: Lane, next: Experiment | undefined): Promise<void> {
  if (next?.data.kind === 'digits' && digits !== 'here') {
    try {
      await bringDigits();
    } catch (error) {
      trouble.value = (error as Error).message;
      return;
    }
    if (lanes[lane].peek() !== next) return;
  }
  order({ type: 'set', lane, experiment: next });
}

for (const lane of [0, 1] as const) {
  let sent: Experiment | undefined;
  effect(() => {
    const next = lanes[lane].value;
    if (next === sent) return;
    sent = next;
    trouble.value = undefined;
    proof.value = undefined;
    badLink.value = undefined;
    void send(lane, next);
  });
}

// ---- time --------------------------------------------------------------------------------------------------------------

export function play(): void {
  proof.value = undefined;
  playing.value = true;
  order({ type: 'play', pace: pace.peek() });
}

export function pause(): void {
  order({ type: 'pause' });
  const figures = states[0].peek()?.figures;
  if (figures !== undefined) news.value = spoken(figures);
}

export const toggle = () => (playing.peek() ? pause() : play());
export const step = () => order({ type: 'step' });
export const reset = () => order({ type: 'reset' });
export const seek = (epoch: number) => order({ type: 'seek', epoch });
export const usePalette = (palette: Palette) => order({ type: 'palette', palette });

export function usePace(next: Pace): void {
  pace.value = next;
  if (playing.peek()) order({ type: 'play', pace: next });
}

/** Figures in words, for those who listen. */
export function spoken({ epoch, loss, testScore }: LaneState['figures']): string {
  const right =
    lanes[0].peek().loss === 'crossEntropy'
      ? `${Math.round(100 * testScore)} percent of the rows held out are right`
      : `R squared ${testScore.toFixed(2)}`;
  return `Epoch ${epoch}: loss ${loss.toPrecision(2)}, ${right}.`;
}

// ---- a link is a proof ---------------------------------------------------------------------------------------------------

/** The address of this experiment as it stands. */
export async function addressOf(): Promise<string> {
  const hash = await ask({ what: 'hash' });
  const text = await linkOf({
    experiment: lanes[0].peek(),
    epochs: states[0].peek()?.figures.epoch ?? 0,
    hash,
    version: version.peek(),
  });
  return `${location.href.split('#')[0]}#${text}`;
}

/** Opens a link: trains as long as it says, then compares the weights. */
export async function openLink(text: string): Promise<void> {
  try {
    const found = await readLink(text);
    if (found.experiment.data.kind === 'digits') await bringDigits();
    go([found.experiment, undefined]);
    await Promise.resolve();
    reaching = found;
    order({ type: 'reach', epochs: found.epochs });
  } catch (error) {
    badLink.value = (error as Error).message;
    play();
  }
}

async function judge({ hash, version: made, epochs }: Proof): Promise<void> {
  reaching = undefined;
  const own = await ask({ what: 'hash' }).catch(() => undefined);
  const same = own === hash;
  const other = made === version.peek() ? '' : ` It was made with version ${made}; this page has ${version.peek()}.`;
  proof.value =
    own === undefined
      ? { kept: false, words: 'This page is not served over https, so its weights cannot be compared with the link.' }
      : same
        ? { kept: true, words: `Same bits as the link after ${epochs} epoch${epochs === 1 ? '' : 's'}: ${hash.slice(0, 8)}…` }
        : { kept: false, words: `Other bits than the link says (${own.slice(0, 8)}… here, ${hash.slice(0, 8)}… there).${other}` };
}
