// Code that ends in the loss the page shows: in our library, and in others from the same start and in the same order of rows.

import type { Experiment } from '../experiment';
import type { Language, Told } from '../messages';
import type { Session } from '../session';
import { kerasCode } from './keras';
import { promiseOf } from './promise';
import { pytorchCode } from './pytorch';
import { sklearnCode } from './sklearn';
import { typescriptCode } from './typescript';

/** What a listing is made of. */
export interface Recipe {
  readonly experiment: Experiment;
  readonly session: Session;
  readonly version: string;
  readonly epochs: number;
  /** Losses that the page shows, on the rows trained on and on those held out. */
  readonly loss: number;
  readonly testLoss: number;
}

/** Code in a language as text, or why there is none that keeps the promise. */
export async function codeOf(
  language: Language,
  experiment: Experiment,
  session: Session,
  version: string,
): Promise<Told['code']> {
  const { loss, testLoss } = session.figures();
  const recipe: Recipe = { experiment, session, version, epochs: session.epoch, loss, testLoss };
  if (session.broken !== undefined || !Number.isFinite(loss))
    return { refused: 'Its numbers broke: there is no loss to reach. Reset, and lower the learning rate.' };
  if (experiment.data.kind === 'digits')
    return { refused: 'The code would have to hold all the digits as numbers. Take the model, ONNX or the JS module instead.' };
  if (language === 'typescript') return { text: typescriptCode(recipe) };
  try {
    const text = { pytorch: pytorchCode, 'scikit-learn': sklearnCode, keras: kerasCode }[language](recipe);
    const refused = promiseOf(recipe, language !== 'pytorch');
    return refused === undefined ? { text } : { refused };
  } catch (error) {
    if (error instanceof Unlike) return { refused: error.message };
    throw error;
  }
}

/** Something that another library does differently, in words. */
export class Unlike extends Error {}
