// How training went: the loss of each epoch, on the rows that trained and on those it watched.

import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure } from '../page/words.js';

interface Point {
  readonly epoch: number;
  readonly value: number;
  readonly of: string;
}

/** More points than pixels say nothing. */
const mostPoints = 300;

export function trainingSection({ training }: Facts, drawing: Drawing): Section | undefined {
  const { what, curve, heldOut, bestEpoch, ended, seconds, members } = training;
  if (curve.length === 0) return undefined;
  const [own, held] = [what === 'loss' ? 'training rows' : 'mistakes', 'rows it watched'];
  const points = [...thinned(curve, own), ...thinned(heldOut, held)].filter(({ value }) => Number.isFinite(value));
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const { plot } = drawing;
  const bent = what === 'loss' && least > 0 && most / least > 30;
  const best = bestEpoch > 0 && bestEpoch < curve.length ? bestEpoch : undefined;
  return {
    id: 'training',
    title: 'How it learnt',
    body: html`<p>${counted(curve.length, 'epoch')}${members > 1 && ` (the mean of ${members} nets, which together make the network)`}; ${ended}.
${best !== undefined && (members > 1 ? `Their best epoch was ${best} on average.` : `The weights are those of epoch ${best}.`)} ${seconds > 0 && `Training took ${figure(Number(seconds.toPrecision(2)))} seconds.`}</p>
<div class="pictures">${
      points.length > 0 &&
      drawing.picture(
        {
          x: { label: 'epoch', nice: false },
          y: {
            label: bent ? `${what} (logarithmic)` : what,
            grid: true,
            ...(bent ? { type: 'log' as const } : { zero: what === 'mistakes' }),
          },
          color: { domain: [own, held], range: [ink.first, ink.second], legend: heldOut.length > 0 },
          marks: [
            best === undefined ? null : plot.ruleX([best], { stroke: ink.quiet, strokeDasharray: '3 3' }),
            plot.lineY(
              points.filter((d) => d.of === own),
              { x: 'epoch', y: 'value', stroke: 'of', strokeWidth: 2 },
            ),
            plot.lineY(
              points.filter((d) => d.of === held),
              { x: 'epoch', y: 'value', stroke: 'of', strokeWidth: 2, strokeDasharray: '6 3' },
            ),
            curve.length >= 3 ? null : plot.dot(points, { x: 'epoch', y: 'value', fill: 'of' }),
          ],
        },
        {
          alt: `${what} over ${counted(curve.length, 'epoch')}: ${own} from ${figure(curve[0])} to ${figure(curve[curve.length - 1])}${heldOut.length > 0 ? `, ${held} from ${figure(heldOut[0])} to ${figure(heldOut[heldOut.length - 1])}` : ''}.`,
          caption: html`${what === 'loss' ? 'Loss' : 'Mistakes'} by epoch${heldOut.length > 0 && '; dashed: rows that early stopping watched'}${best !== undefined && (members > 1 ? '; dotted: the best epoch, on average' : '; dotted: the epoch whose weights these are')}.`,
          numbers: table(
            `${what} by epoch`,
            [
              { text: 'epoch', numbers: true },
              { text: own, numbers: true },
              ...(heldOut.length > 0 ? [{ text: held, numbers: true }] : []),
            ],
            someEpochs(curve.length).map((e) => [
              e,
              figure(curve[e - 1]),
              ...(heldOut.length > 0 ? [figure(heldOut[e - 1])] : []),
            ]),
          ),
        },
      )
    }</div>`,
  };
}

function thinned(curve: readonly number[], of: string): Point[] {
  const step = Math.max(1, Math.ceil(curve.length / mostPoints));
  return curve.flatMap((value, i) => (i % step === 0 || i === curve.length - 1 ? [{ epoch: i + 1, value, of }] : []));
}

/** At most a dozen epochs, the first and the last among them. */
function someEpochs(epochs: number): number[] {
  const most = Math.min(12, epochs);
  return [...new Set(Array.from({ length: most }, (_, k) => (most === 1 ? 1 : 1 + Math.round((k * (epochs - 1)) / (most - 1)))))];
}
