// Instances made ahead, for engines that neither compile nor instantiate more than 4 kB at once on a page's main thread: Chrome before 115,
// and web views of that age. A few are kept ready, made in the background; when models take more of them than that at once, they take over the
// instances of models that are evicted. A model is its bytes, and zeroed memory is fresh memory.

import type { Build } from './binaries.js';

interface WithMemory {
  readonly memory: WebAssembly.Memory;
}

/** Instances kept ready of each build. */
const READY = 4;

/** Whether the engine refuses to compile 5 kB at once: a module that is one section without a meaning. */
export function modulesAreRefused(): boolean {
  const bytes = new Uint8Array(5000);
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0]);
  const size = bytes.length - 11;
  bytes.set([(size & 0x7f) | 0x80, size >> 7], 9);
  return refuses(() => new WebAssembly.Module(bytes));
}

/** Whether the engine refuses to make an instance of a compiled module at once. */
export function instancesAreRefused(module: WebAssembly.Module): boolean {
  return refuses(() => new WebAssembly.Instance(module));
}

function refuses(make: () => unknown): boolean {
  try {
    make();
    return false;
  } catch (error) {
    return (error as Error).name === 'RangeError';
  }
}

export class InstancesAhead<Exports extends WithMemory> {
  private readonly ready = new Map<Build, Exports[]>();
  private readonly filling = new Set<Build>();

  private constructor(private readonly modules: ReadonlyMap<Build, WebAssembly.Module>) {}

  /** Resolves when those of each build are ready. */
  static async of<Exports extends WithMemory>(modules: ReadonlyMap<Build, WebAssembly.Module>): Promise<InstancesAhead<Exports>> {
    const ahead = new InstancesAhead<Exports>(modules);
    await Promise.all(Array.from(modules.keys(), (build) => ahead.fill(build)));
    return ahead;
  }

  /** One that is ready, if any is; another one is made meanwhile. */
  take(build: Build): Exports | undefined {
    const instance = this.ready.get(build)?.pop();
    this.fill(build).catch(() => {}); // without memory for more, evicted models make room
    return instance;
  }

  /** Takes back an instance. */
  give(build: Build, instance: Exports): void {
    new Uint8Array(instance.memory.buffer).fill(0);
    this.ready.get(build)?.push(instance);
  }

  private async fill(build: Build): Promise<void> {
    const module = this.modules.get(build);
    if (module === undefined || this.filling.has(build)) return;
    const list = this.ready.get(build) ?? [];
    this.ready.set(build, list);
    this.filling.add(build);
    try {
      while (list.length < READY) {
        const { exports } = await WebAssembly.instantiate(module);
        list.push(exports as unknown as Exports);
      }
    } finally {
      this.filling.delete(build);
    }
  }
}
