// Samplers by name: how a space becomes candidates. Each is a function of the seed, the number of the round and what earlier rounds came to.

import { Random } from '../data/random.js';
import { sobol } from '../data/sobol.js';
import { fail, show } from '../errors.js';
import { checkFunction, choice, readOptions, unknownName, whole, type Schema } from '../options.js';
import type { Json } from '../formats/json.js';
import type { Candidate, ProposalRequest, Sampler } from './contract.js';
import { gridOf } from './gridOf.js';
import { makeCandidate, drawValue, readSpace, valueAt, type Parameter } from './space.js';
import { proposeRound } from './tpe.js';

/** The tree-structured Parzen estimator: candidates near good ones, away from the rest. */
export interface TpeOptions {
  /** Which sampler these are the options of. */
  readonly name: 'tpe';
  /** Candidates drawn at random before the first that is not, at least 1 (default 10). */
  readonly startup?: number;
  /** Points drawn for each candidate, of which the most promising one is taken; at least 1 (default 24). */
  readonly points?: number;
}

/** A sampler by its name, with options, or one of your own. */
export type SamplerLike = 'tpe' | 'sobol' | 'random' | 'grid' | TpeOptions | Sampler;

const names = ['tpe', 'sobol', 'random', 'grid'] as const;

const tpeRows = {
  name: choice(['tpe'], 'tpe'),
  startup: whole({ min: 1, default: 10 }),
  points: whole({ min: 1, max: 10_000, default: 24 }),
} satisfies Schema<TpeOptions>;

/**
 * The sampler of a name or of options, on a space. One of your own is taken as it is, and reads the space itself.
 * @throws ERR_OPTION for a sampler that there is not, or a space that it cannot draw from.
 */
export function readSampler(sampler: unknown, space: unknown): Sampler {
  if (typeof sampler === 'object' && sampler !== null && 'propose' in sampler) {
    checkFunction(sampler.propose, 'sampler.propose');
    return sampler as Sampler;
  }
  const name = typeof sampler === 'object' && sampler !== null && 'name' in sampler ? sampler.name : sampler;
  if (typeof name !== 'string' || !names.includes(name as never)) {
    if (typeof sampler === 'object')
      fail('ERR_OPTION', `sampler: expected one of ${names.join(', ')}, or an object with name: 'tpe', got ${show(sampler)}.`);
    unknownName(sampler, names, 'sampler');
  }
  const parameters = readSpace(space);
  const given = typeof sampler === 'object' ? sampler : { name };
  const proposes = makers[name as (typeof names)[number]](parameters, given);
  return { settings: { ...proposes.settings, name, space: space as Json }, propose: proposes.propose };
}

type Maker = (parameters: readonly Parameter[], options: unknown) => Pick<Sampler, 'propose'> & { readonly settings: object };

const makers = {
  tpe: (parameters, options) => {
    const { startup, points } = readOptions(tpeRows, options, 'sampler', 'sampler.');
    const settings = { startup, points };
    return {
      settings,
      propose: (request) =>
        proposeRound(
          parameters,
          request.earlier,
          numbersOf(request),
          request.seed,
          (i) => drawn(parameters, request.seed, i),
          settings,
        ),
    };
  },
  random: (parameters, options) => ({
    settings: only(options),
    propose: (request) => numbersOf(request).map((i) => drawn(parameters, request.seed, i)),
  }),
  sobol: (parameters, options) => {
    const axes = parameters.filter(({ count }) => count > 1);
    if (axes.length > 32)
      fail(
        'ERR_OPTION',
        `sampler: the Sobol sequence has 32 dimensions, and the space has ${axes.length} parameters. Take 'tpe' or 'random'.`,
      );
    return {
      settings: only(options),
      propose: (request) => {
        const { seed, round, size } = request;
        const points = sobol(size, Math.max(axes.length, 1), { seed, first: round * size });
        return numbersOf(request).map((_, i) =>
          makeCandidate(parameters, (parameter) => valueAt(parameter, points.row(i)[Math.max(axes.indexOf(parameter), 0)]!)),
        );
      },
    };
  },
  grid: (parameters, options) => {
    const grid = gridOf(parameters);
    return { settings: only(options), propose: ({ round, size }) => grid.slice(round * size, (round + 1) * size) };
  },
} as const satisfies Record<(typeof names)[number], Maker>;

/** @throws ERR_OPTION for options of a sampler that has none. */
function only(options: unknown): object {
  const [stranger] = Object.keys(options as object).filter((key) => key !== 'name');
  if (stranger !== undefined) fail('ERR_OPTION', `sampler: this sampler has no options, got ${JSON.stringify(stranger)}.`);
  return {};
}

/** Numbers of a round's candidates in the search. */
function numbersOf({ round, size }: ProposalRequest): number[] {
  return Array.from({ length: size }, (_, i) => round * size + i);
}

/** Candidate number i of a search at random: it has a stream of random numbers of its own. */
function drawn(parameters: readonly Parameter[], seed: number, i: number): Candidate {
  const random = new Random(seed, `trial ${i}`);
  return makeCandidate(parameters, (parameter) => drawValue(parameter, random));
}
