// The sections of a report, in the order in which they are read.

import type { Drawing } from './page/drawing.js';
import type { Facts } from './facts/facts.js';
import { pageText, type Section } from './page/page.js';
import { explainedSection } from './sections/answersExplained.js';
import { confusionSection } from './sections/confusion.js';
import { dataSection } from './sections/data.js';
import { dependenceSection } from './sections/dependence.js';
import { importanceSection } from './sections/importance.js';
import { intervalsSection } from './sections/intervals.js';
import { makingSection } from './sections/making.js';
import { notesSection } from './sections/notes.js';
import { reliabilitySection } from './sections/reliability.js';
import { residualsSection } from './sections/residuals.js';
import { scoresSection } from './sections/scores.js';
import { thresholdsSection } from './sections/thresholds.js';
import { trainingSection } from './sections/training.js';
import { leadOfPage } from './sections/summary.js';

/** A section about some facts; undefined where they have nothing to show. */
type Maker = (facts: Facts, drawing: Drawing) => Section | undefined;

const makers: readonly Maker[] = [
  dataSection,
  scoresSection,
  confusionSection,
  residualsSection,
  reliabilitySection,
  thresholdsSection,
  intervalsSection,
  importanceSection,
  dependenceSection,
  explainedSection,
  trainingSection,
  notesSection,
  makingSection,
];

/** The page about these facts. */
export function renderReport(facts: Facts, drawing: Drawing): string {
  const sections = makers.flatMap((make) => make(facts, drawing) ?? []);
  return pageText({ title: facts.title, lead: leadOfPage(facts), sections });
}
