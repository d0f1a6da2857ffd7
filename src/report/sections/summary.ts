// What there is to know first: how good the model is, whether it beats what it must, and what to look at.

import { worthTelling } from '../../data/drift.js';
import type { Facts } from '../facts/facts.js';
import { html, type Markup, type Piece } from '../page/markup.js';
import { standingsOf } from './scores.js';
import { figures } from '../facts/scores.js';
import { lookAgain } from '../facts/secondLook.js';
import { counted, figureName, label, listed, rough, short, withError } from '../page/words.js';

export function leadOfPage(facts: Facts): Markup {
  const { subject, judgement, data, notes, drift } = facts;
  const { kind, targets, classes } = subject;
  const what = classes === undefined ? 'numbers' : counted(classes.length, 'class', 'classes');
  const names = targets.length > 4 ? counted(targets.length, 'target') : listed(targets.map((name) => short(name, 40)));
  const told = worthTelling(drift ?? []).length;
  const concerns = [
    ...(notes.length > 0 ? [counted(notes.length, 'note')] : []),
    ...(told > 0 ? [`${counted(told, 'difference')} between the rows that trained and those that judge`] : []),
  ];
  return html`<p class="lead">${kind} that predicts ${names} (${what}) from ${counted(data.used.size, 'column')}. ${verdict(facts)}${lookedAgain(facts)}</p>
<dl class="cards">${cards(facts)}</dl>
${concerns.length > 0 && html`<p>Look at: <a href="#notes">${listed(concerns)}</a>.</p>`}${judgement === undefined && html`<p>No rows judged this model, so nothing here says what it is worth.</p>`}`;
}

/** Whether the model beats its rivals, in a sentence or two. */
function verdict({ judgement }: Facts): string {
  const standings = judgement?.targets.map((target) => standingsOf(target, judgement.rows)) ?? [];
  if (standings.length === 0) return '';
  const [first] = standings as [(typeof standings)[number]];
  const main = figureName(figures[Object.keys(first[0]!.scores)[0]!]!);
  if (Number.isNaN(first[0]!.main)) return `With one row, ${main} says nothing.`;
  const beaten: string[] = [];
  const notBeaten: string[] = [];
  for (const { name, lead } of first.slice(1))
    (lead!.mean > 2 * lead!.error && lead!.mean > 0 ? beaten : notBeaten).push(
      `${name} (${lead!.mean > 0 ? '+' : ''}${withError(lead!.mean, lead!.error)})`,
    );
  const of = standings.length > 1 ? ' of the first target' : '';
  return [
    `Its ${main}${of} is ${withError(first[0]!.main, first[0]!.error)}.`,
    ...(beaten.length > 0 ? [`It is clearly better than ${listed(beaten)}.`] : []),
    ...(notBeaten.length > 0 ? [`It is not clearly better than ${listed(notBeaten)}.`] : []),
  ].join(' ');
}

/** What another figure says where that one finds the model no better than a rival. */
function lookedAgain(facts: Facts): Piece {
  const look = lookAgain(facts);
  return look && html` <span id="second-look">${look.text.replaceAll('R^2', 'R²')}</span>`;
}

function cards({ judgement, data, making }: Facts): readonly Markup[] {
  const card = (name: Piece, value: Piece, more?: string) =>
    html`<div><dt>${name}</dt><dd>${value}${more !== undefined && html` <small>${more}</small>`}</dd></div>`;
  const scores = (judgement?.targets.slice(0, 3) ?? []).flatMap((target) => {
    const [own] = standingsOf(target, judgement!.rows) as [ReturnType<typeof standingsOf>[number]];
    const names = Object.keys(own.scores).slice(0, judgement!.targets.length > 1 ? 1 : 3);
    return names.map((name, i) =>
      card(
        `${judgement!.targets.length > 1 ? `${short(target.name, 20)}: ` : ''}${figureName(figures[name]!)}`,
        label(own.scores[name]!),
        i === 0 && Number.isFinite(own.error) ? `± ${rough(own.error)}` : undefined,
      ),
    );
  });
  return [
    ...scores,
    ...(data.trainedOn === undefined ? [] : [card('trained on', counted(data.trainedOn, 'row'))]),
    ...(judgement === undefined ? [] : [card('judged on', counted(judgement.rows, 'row'), judgement.by)]),
    card('seed', String(making.seed)),
  ];
}
