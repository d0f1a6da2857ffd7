// What a search tells on its way: how far it is, the best so far, how long it may take.

import type { ResolvedObjective } from './goals.js';
import type { Recorded } from './recorded.js';
import type { Rounds, Tracked } from './rounds.js';
import { spread } from './scores.js';
import type { SearchNews, SearchSettings } from './settings.js';

export class Progress {
  private readonly started = performance.now();
  private best: SearchNews['best'];
  private loss = Infinity;

  constructor(
    private readonly settings: Pick<SearchSettings, 'onProgress' | 'budget'>,
    private readonly trials: number,
    private readonly objectives: readonly ResolvedObjective[],
  ) {}

  /** A job ended: `fresh` have in this run of the search. */
  ended(recorded: Recorded, rounds: Rounds, fresh: number): void {
    const { onProgress, budget = Infinity } = this.settings;
    if (onProgress === undefined) return;
    const { candidates } = rounds;
    const own = candidates[recorded.trial]!;
    this.look(own, rounds.folds);
    const counts = { complete: 0, pruned: 0, failed: 0, stopped: 0, running: 0 };
    for (const { state } of candidates) counts[state]++;
    const ended = candidates.length - counts.running;
    const seconds = (performance.now() - this.started) / 1000;
    const done = rounds.slotsDone;
    // Candidates to come take as many jobs as those that ended did.
    const each = ended === 0 ? rounds.jobsEach : Math.max(1, rounds.slotsOfEnded / ended);
    const total = Math.max(done, Math.round(done - rounds.slotsOfRunning + (this.trials - ended) * each));
    onProgress({
      ...{ done, total, ended, failed: counts.failed, pruned: counts.pruned, best: this.best, seconds },
      last: {
        ...{
          number: recorded.trial,
          fold: recorded.fold,
          score: recorded.score,
          epochs: recorded.epochs,
          seconds: recorded.seconds,
        },
        error: recorded.error?.message,
      },
      secondsLeft: Math.max(0, Math.min((seconds / fresh) * (total - done), budget - seconds)),
    });
  }

  private look({ number, candidate, final }: Tracked, folds: number): void {
    if (final.size < folds) return;
    const [first] = this.objectives;
    const loss = spread([...final.values()].map(first!.lossOf)).mean;
    if (!(loss < this.loss)) return;
    this.loss = loss;
    this.best = { number, candidate, value: first!.goal === 'minimize' ? loss : -loss };
  }
}
