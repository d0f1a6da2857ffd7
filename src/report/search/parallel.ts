// Candidates as lines across an axis for each parameter: what the best ones have in common.

import type { TriedCandidate } from '../../search/findings.js';
import { indexOf, type Parameter } from '../../search/space.js';
import { ink, type Drawing } from '../page/drawing.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure, short } from '../page/words.js';
import type { SearchFacts } from './facts.js';
import { valueText } from './values.js';

/** More lines than this are a grey mass: the best of them are shown. */
const mostLines = 100;
/** The best share of the lines, which stand out. */
const bestShare = 0.1;

interface Point {
  readonly axis: string;
  readonly at: number;
  readonly trial: number;
}

export function parallelSection(facts: SearchFacts, drawing: Drawing): Section | undefined {
  const { parameters, complete, first } = facts;
  const axes = parameters.filter(({ count }) => count > 1);
  const sorted = complete.filter((trial) => Number.isFinite(first.of(trial)));
  sorted.sort((a, b) => (first.more ? -1 : 1) * (first.of(a) - first.of(b)) || a.number - b.number);
  if (sorted.length < 2 || axes.length === 0) return undefined;
  const shown = sorted.slice(0, mostLines);
  const best = new Set(shown.slice(0, Math.max(1, Math.round(bestShare * shown.length))).map(({ number }) => number));
  const scores = shown.map(first.of);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const points = shown.flatMap((trial) => [
    ...axes.flatMap((parameter): Point[] => {
      const at = positionOf(parameter, trial);
      return at === undefined ? [] : [{ axis: parameter.name, at, trial: trial.number }];
    }),
    { axis: first.label, at: most === least ? 0.5 : (first.of(trial) - least) / (most - least), trial: trial.number },
  ]);
  const { plot } = drawing;
  const names = [...axes.map(({ name }) => name), first.label];
  const ends = [
    ...axes.flatMap((parameter) => endsOf(parameter)),
    { axis: first.label, at: 0, text: figure(least) },
    { axis: first.label, at: 1, text: figure(most) },
  ];
  const lines = (some: readonly Point[], options: object) => plot.line([...some], { x: 'axis', y: 'at', z: 'trial', ...options });
  return {
    id: 'parallel',
    title: 'What the best have in common',
    body: html`<p>Each line is a candidate, through its value of each parameter. ${best.size === 1 ? 'The one in colour is the best' : `Those in colour are the best ${best.size}`} of ${counted(shown.length, 'candidate')}${shown.length < sorted.length && ` (the best of ${sorted.length} that ran to the end)`}; a line jumps over a parameter that the candidate does not have.</p>
${drawing.picture(
  {
    ...{
      width: Math.max(440, 110 * names.length),
      height: 320,
      marginTop: 64,
      marginBottom: 28,
      marginLeft: 60,
      marginRight: 60,
    },
    x: { axis: null, type: 'point' as const, domain: names },
    y: { axis: null, domain: [0, 1] },
    marks: [
      plot.ruleX(names, { stroke: ink.quiet }),
      lines(
        points.filter(({ trial }) => !best.has(trial)),
        { stroke: ink.quiet, strokeOpacity: 0.35 },
      ),
      lines(
        points.filter(({ trial }) => best.has(trial)),
        { stroke: ink.second, strokeWidth: 2 },
      ),
      // Names take turns on two lines, so that long ones do not run into each other.
      ...[0, 1].map((line) =>
        plot.text(
          names.filter((_, i) => i % 2 === line),
          {
            x: (name: string) => name,
            y: 1,
            text: (name: string) => short(name, 26),
            dy: line === 0 ? -46 : -28,
            fontWeight: 600,
          },
        ),
      ),
      ...[0, 1].map((end) =>
        plot.text(
          ends.filter(({ at }) => at === end),
          { x: 'axis', y: 'at', text: 'text', dy: end === 0 ? 12 : -10 },
        ),
      ),
    ],
  },
  {
    alt: `Parallel coordinates of ${counted(shown.length, 'candidate')}. The best: ${Object.entries(sorted[0]!.candidate)
      .map(([name, value]) => `${name} ${valueText(value)}`)
      .join(', ')}.`,
    caption: html`Lowest and highest value of each parameter at the ends of its axis; on the right ${first.label}.`,
    numbers: table(
      'Ranges of the best candidates',
      ['parameter', 'in the best', 'in the space'],
      axes.map((parameter) => [
        short(parameter.name, 40),
        rangeOf(
          parameter,
          shown.filter(({ number }) => best.has(number)),
        ),
        spaceOf(parameter),
      ]),
    ),
  },
)}`,
  };
}

/** Where a candidate's value lies on the axis, from 0 to 1. */
function positionOf(parameter: Parameter, { candidate }: TriedCandidate): number | undefined {
  if (!Object.hasOwn(candidate, parameter.name)) return undefined;
  const value = candidate[parameter.name];
  if (parameter.kind === 'categorical') return indexOf(parameter, value) / (parameter.count - 1);
  const { low, high, logarithmic } = parameter;
  const x = value as number;
  return logarithmic ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
}

function endsOf(parameter: Parameter): { axis: string; at: number; text: string }[] {
  const [low, high] =
    parameter.kind === 'categorical'
      ? [parameter.values[0]!, parameter.values[parameter.count - 1]!]
      : [parameter.low, parameter.high];
  return [
    { axis: parameter.name, at: 0, text: short(valueText(low), 14) },
    { axis: parameter.name, at: 1, text: short(valueText(high), 14) },
  ];
}

function rangeOf({ name, kind }: Parameter, trials: readonly TriedCandidate[]): string {
  const values = trials.flatMap(({ candidate }) => (Object.hasOwn(candidate, name) ? [candidate[name]!] : []));
  if (values.length === 0) return 'none has it';
  if (kind === 'categorical') return [...new Set(values.map(valueText))].join('; ');
  const sorted = (values as number[]).sort((a, b) => a - b);
  return `${figure(sorted[0])} to ${figure(sorted.at(-1))}`;
}

function spaceOf(parameter: Parameter): string {
  return parameter.kind === 'categorical'
    ? parameter.values.map(valueText).join('; ')
    : `${figure(parameter.low)} to ${figure(parameter.high)}`;
}
