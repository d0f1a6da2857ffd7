// What a command says, and where: results on standard output, progress and warnings on standard error, nothing but errors with --quiet,
// one JSON object with --json.

import cliProgress from 'cli-progress';
import type { SearchNews } from '../search/settings.js';
import type { EpochLog } from '../training/history.js';
import { formatFigure } from '../training/history.js';
import { withoutPasswords, type Failure } from './exit.js';

export interface TerminalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

const style = {
  hideCursor: true,
  clearOnComplete: true,
  stopOnComplete: false,
  barsize: 24,
  etaBuffer: 20,
  linewrap: false,
  stream: process.stderr,
};

/** Milliseconds between two lines of progress. */
const patience = 5000;

export class Terminal {
  private bar: cliProgress.SingleBar | undefined;

  constructor(private readonly options: TerminalOptions) {}

  get isQuiet(): boolean {
    return this.options.quiet;
  }
  /** Whether progress bars can be drawn. */
  private get draws(): boolean {
    return process.stderr.isTTY === true && !this.options.quiet;
  }
  /** Columns of the terminal, at most 100. */
  get width(): number {
    return Math.max(40, Math.min(100, process.stdout.columns ?? 80));
  }

  /** The result: text for people, or the object with --json. */
  result(text: () => string, object: unknown): void {
    if (this.options.json) write(process.stdout, `${JSON.stringify(object)}\n`);
    else if (!this.options.quiet) write(process.stdout, `${text()}\n`);
  }

  /** A remark on standard error. */
  note(text: string): void {
    if (this.options.quiet) return;
    if (this.bar !== undefined) {
      process.stderr.clearLine(0); // the bar is drawn anew below
      process.stderr.cursorTo(0);
    }
    write(process.stderr, `feedforward: ${withoutPasswords(text)}\n`);
  }

  /** An error: one line; with --json an object on standard output as well. */
  failure({ code, message: text, exitCode }: Failure): void {
    this.stop();
    const message = withoutPasswords(text);
    write(process.stderr, `feedforward: ${message}\n`);
    if (this.options.json) write(process.stdout, `${JSON.stringify({ error: { code, message, exitCode } })}\n`);
  }

  /** Reads with a bar of bytes, for files large enough to wait for. */
  async reading<T>(title: string, size: number | undefined, work: (read: (bytes: number) => void) => Promise<T>): Promise<T> {
    if (!this.draws || size === undefined || size < 16_000_000) return work(() => undefined);
    const bar = new cliProgress.SingleBar(
      { ...style, format: ` ${title}  {bar} {percentage} %  ETA {eta_formatted}` },
      cliProgress.Presets.shades_classic,
    );
    bar.start(size, 0);
    try {
      return await work((bytes) => bar.update(bytes));
    } finally {
      bar.stop();
    }
  }

  /** Shows a training: a bar on a terminal, a line every five seconds elsewhere. Returns what to call after each epoch. */
  training(title: string, epochs: number, from = 0): (log: EpochLog) => void {
    this.stop();
    if (this.options.quiet || (this.options.json && !this.draws)) return () => undefined;
    const figures = ({ loss, valLoss }: EpochLog) =>
      `loss ${formatFigure(loss)}${valLoss === undefined ? '' : `, held out ${formatFigure(valLoss)}`}`;
    if (!this.draws) {
      let told = performance.now();
      return (log) => {
        if (performance.now() - told < patience) return;
        told = performance.now();
        this.note(`${title}: epoch ${log.epoch} of ${epochs}, ${figures(log)}`);
      };
    }
    const bar = new cliProgress.SingleBar(
      { ...style, format: ` ${title}  {bar} epoch {value}/{total}  {figures}  ETA {eta_formatted}` },
      cliProgress.Presets.shades_classic,
    );
    bar.start(epochs, from, { figures: '' });
    this.bar = bar;
    return (log) => bar.update(log.epoch, { figures: figures(log) });
  }

  /** Shows a search: a bar of trials on a terminal, a line every five seconds elsewhere. Returns what to call when something of it has ended. */
  searching(figures: (news: SearchNews) => string): (news: SearchNews) => void {
    this.stop();
    if (this.options.quiet || (this.options.json && !this.draws)) return () => undefined;
    const eta = ({ secondsLeft }: SearchNews) => (Number.isFinite(secondsLeft) ? `  ETA ${duration(secondsLeft)}` : '');
    if (!this.draws) {
      let told = performance.now();
      return (news) => {
        if (performance.now() - told < patience) return;
        told = performance.now();
        this.note(`searching: ${figures(news)}${eta(news)}`);
      };
    }
    const bar = new cliProgress.SingleBar(
      { ...style, format: ' searching  {bar} {figures}{eta}' },
      cliProgress.Presets.shades_classic,
    );
    bar.start(1, 0, { figures: '', eta: '' });
    this.bar = bar;
    return (news) => {
      if (Number.isFinite(news.total)) bar.setTotal(Math.max(1, news.total));
      bar.update(news.done, { figures: figures(news), eta: eta(news) });
    };
  }

  /** Takes a bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

/** Seconds as "3 s", "4 min", "2.5 h". */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

// What moves cursors, colours, renames windows, turns the direction of text or is not seen; \n and \t are as good as letters, and so are the
// joiners (U+200C, U+200D) of Persian and of emoji.
const commands =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text with what a terminal would obey, or nobody would see, written as \u001b. */
export function visible(text: string): string {
  return text.replace(commands, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Written whole before the process may end; a reader that went away is no error. Names of columns and labels come from files that
 * others made: what a terminal would obey is written as \u001b, which in JSON is the same character.
 */
function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(visible(text));
}
