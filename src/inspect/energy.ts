// Joules of a piece of work, in Node: from the processor's own counters (RAPL) where the system lets them be read, else from processor time and a
// stated number of watts, and then called an estimate.
//
// Three traps of the counters are known and avoided: they wrap around; the domains inside of a package (cores, memory controller) are in its
// counter already, so that only packages are summed; and over a very short time they do not move, so that work is repeated until it has taken a while.

import { fail } from '../errors.js';
import { checkFunction, number, readOptions, text, type Schema } from '../options.js';
import { isNode, nodeModule } from '../platform.js';

/** Options of measureEnergy. */
export interface EnergyOptions {
  /** How long the work is repeated at least, in seconds, > 0 (default 1). A single run may take longer. */
  readonly seconds?: number;
  /** Watts of one busy processor thread for the estimate, > 0 (default 4). */
  readonly wattsPerThread?: number;
  /** The folder of the counters (default '/sys/class/powercap', where Linux has them). */
  readonly powercap?: string;
}

const energyRows = {
  seconds: number({ min: 0, minExclusive: true, max: 86_400, default: 1 }),
  wattsPerThread: number({ min: 0, minExclusive: true, default: 4 }),
  powercap: text('/sys/class/powercap'),
} satisfies Schema<EnergyOptions>;

/** What measureEnergy gives. */
export interface Energy {
  /** Joules of one run of the work. */
  readonly joules: number;
  /** Seconds of one run. */
  readonly seconds: number;
  /** Joules per second. */
  readonly watts: number;
  /** How often it was run. */
  readonly runs: number;
  /** 'rapl': measured, by the processor's counters; 'estimate': processor time times a number of watts, off by a factor of a few. */
  readonly method: 'rapl' | 'estimate';
  /** What the figure is, and why it is an estimate if it is one, in words. */
  readonly note: string;
}

/**
 * The energy of a piece of work, in joules: `work` is a function, sync or async, that is run again and again for a second or longer. Node only.
 *
 * Where Linux lets the processor's energy counters be read (RAPL, of Intel and AMD; since 2020 by root alone, and in few virtual machines), the figure is
 * what all packages of the machine used meanwhile, other programs included: measure on an idle machine. Elsewhere it is an estimate: processor time
 * of this process, all of its threads, times `wattsPerThread`, whose default of 4 W is what CodeCarbon takes for a processor that it does not know
 * (https://mlco2.github.io/codecarbon/methodology.html). `method` says which of the two it is. Memory, disks and power supplies are in neither.
 *
 * Rejects with ERR_UNSUPPORTED outside of Node, ERR_OPTION, ERR_FILE for a counter that stops being one, or with what the work threw.
 *
 * @example
 * const { joules, method } = await measureEnergy(() => model.predict(X), { seconds: 0.05 });
 * joules > 0;  // true
 */
export async function measureEnergy(work: () => unknown, options: EnergyOptions = {}): Promise<Energy> {
  checkFunction(work, 'work', 'a function that does the work');
  const { seconds: least, wattsPerThread, powercap } = readOptions(energyRows, options, 'measureEnergy');
  if (!isNode()) fail('ERR_UNSUPPORTED', 'measureEnergy: pages and edge workers cannot tell what they consume. Run it in Node.');
  const meter = await EnergyMeter.open(wattsPerThread, powercap);
  await work(); // what is compiled or loaded once is no part of it
  meter.start();
  let runs = 0;
  const timer = setInterval(() => meter.follow(), 20_000); // within a long run that waits: counters wrap in minutes to hours
  try {
    do {
      await work();
      runs++;
      meter.follow();
    } while (meter.seconds < least);
  } finally {
    clearInterval(timer);
  }
  const { joules, seconds, method, note } = meter.read();
  return { joules: joules / runs, seconds: seconds / runs, watts: joules / seconds, runs, method, note };
}

/** Joules from start() to read(), in Node. */
export class EnergyMeter {
  private began = 0;
  private cpu: { user: number; system: number } = { user: 0, system: 0 };

  private constructor(
    private readonly counters: Counters,
    private readonly wattsPerThread: number,
  ) {}

  static async open(wattsPerThread = energyRows.wattsPerThread(undefined, ''), powercap = energyRows.powercap(undefined, '')) {
    return new EnergyMeter(await Counters.open(powercap), wattsPerThread);
  }

  start(): void {
    this.counters.start();
    this.cpu = process.cpuUsage();
    this.began = performance.now();
  }

  /** To be called before a counter can have wrapped around twice. */
  follow(): void {
    this.counters.follow();
  }

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  read(): Pick<Energy, 'joules' | 'seconds' | 'method' | 'note'> {
    const { counters, wattsPerThread, seconds } = this;
    counters.follow();
    const measured = counters.joules;
    if (measured !== undefined && measured > 0) {
      const note = `measured by RAPL, ${counters.names.join(' and ')}: the whole processor with all that ran on it`;
      return { joules: measured, seconds, method: 'rapl', note };
    }
    const { user, system } = process.cpuUsage(this.cpu);
    const busy = (user + system) / 1e6;
    const why = measured === 0 ? 'the counters of RAPL did not move' : counters.refusal;
    const note = `estimate, since ${why}: ${(busy / seconds).toFixed(2)} busy threads of ${wattsPerThread} W each`;
    return { joules: busy * wattsPerThread, seconds, method: 'estimate', note };
  }
}

type FileSystem = typeof import('node:fs');

/** A package of the processor: where its counter is, where that wraps around, and what was read last. */
interface Package {
  readonly name: string;
  readonly file: string;
  /** Microjoules after which the counter starts at 0 again. */
  readonly range: number;
  last: number;
}

/** The counters of all packages, summed. */
class Counters {
  private sum = 0;

  private constructor(
    private readonly fs: FileSystem,
    private readonly packages: readonly Package[],
    /** Why there are none. */
    readonly refusal: string,
  ) {}

  static async open(folder: string): Promise<Counters> {
    const fs = await nodeModule('node:fs');
    const found = new Map<string, Package>();
    try {
      // intel-rapl:0 is a package, also on AMD; intel-rapl:0:1 is a domain inside of it, psys the whole machine; intel-rapl-mmio:0 is a package's
      // counter for a second time.
      for (const entry of fs.readdirSync(folder).filter((name) => /^intel-rapl:\d+$/.test(name))) {
        const name = fs.readFileSync(`${folder}/${entry}/name`, 'utf8').trim();
        if (!/^package-/.test(name) || found.has(name)) continue;
        const file = `${folder}/${entry}/energy_uj`;
        const range = Number(fs.readFileSync(`${folder}/${entry}/max_energy_range_uj`, 'utf8'));
        found.set(name, { name, file, range, last: readCounter(fs, file) });
      }
    } catch (error) {
      const { code = '' } = error as { code?: string };
      const denied = code === 'EACCES' || code === 'EPERM';
      const why = denied ? `only root may read the counters under ${folder}` : `there are no readable counters under ${folder}`;
      return new Counters(fs, [], why);
    }
    return new Counters(fs, [...found.values()], `there are no counters under ${folder}`);
  }

  get names(): string[] {
    return this.packages.map(({ name }) => name);
  }

  /** Undefined where nothing counts. */
  get joules(): number | undefined {
    return this.packages.length === 0 ? undefined : this.sum / 1e6;
  }

  start(): void {
    for (const of of this.packages) of.last = readCounter(this.fs, of.file);
    this.sum = 0;
  }

  /** Adds what was used since the last call: a counter that stands lower than before has wrapped around once. */
  follow(): void {
    for (const of of this.packages) {
      const now = readCounter(this.fs, of.file);
      this.sum += now >= of.last ? now - of.last : now + of.range - of.last;
      of.last = now;
    }
  }
}

/** Microjoules. Throws for a counter that is none. */
function readCounter(fs: FileSystem, file: string): number {
  const value = Number(fs.readFileSync(file, 'utf8'));
  if (!Number.isFinite(value)) fail('ERR_FILE', `${file}: expected the microjoules of a counter.`);
  return value;
}
