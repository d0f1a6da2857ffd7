// The WebAssembly instance of one model, through its life: made; used; evicted while many other models are in use, and
// activated again by its next use; or given up, when it trapped. Knows nothing of what is in its memory.

import { bytes } from '../data/allocate.js';
import type { Build } from '../engine/binaries.js';
import { giveBack, instantiate, type Core } from '../engine/engine.js';
import { addResident, countUse, evictLeastUsed, type Resident } from '../engine/residency.js';
import type { SharedModel } from '../engine/threads.js';
import { fail, FeedforwardError } from '../errors.js';

/** Whoever keeps views on the memory. */
export interface MemoryUser {
  /** The memory is another one: views must be made anew. */
  attach(core: Core): void;
  /** There is no memory for now: views must not be kept. */
  detach(): void;
}

/** Exports that do arithmetic, or ask for memory: a trap in one of them ends the instance. */
type Call =
  | 'reserve'
  | 'forward'
  | 'loss'
  | 'derivativeLoss'
  | 'backward'
  | 'hessianProduct'
  | 'zeroGradients'
  | 'step'
  | 'train'
  | 'findDirection'
  | 'keepPair';

export class ModelInstance implements Resident {
  /** Which binary it is of. */
  readonly build: Build;
  /** Whether it is compiled with V8's 256-bit pass. */
  wide = false;
  lastUse = 0;
  /** What threads need to work on the memory, when they share it. */
  shared: SharedModel | undefined;
  private core: Core | undefined;
  /** The memory's bytes while it is evicted. */
  private image: ArrayBuffer | undefined;
  /** Why it was given up, if it was. */
  private failure: string | undefined;
  private sharable: boolean;

  /** A new instance; with `sharable`, one that threads share when there are any. @throws ERR_MEMORY, ERR_UNSUPPORTED. */
  constructor(
    private readonly user: MemoryUser,
    private readonly deterministic: boolean,
    sharable: boolean,
  ) {
    this.sharable = sharable;
    this.build = this.instantiate();
    this.sharable = this.shared !== undefined;
  }

  /** From now on it counts among the residents, and may be evicted. */
  settle(): void {
    addResident(this);
  }

  /** The exports, activated if need be; counts as a use. */
  use(): Core {
    this.lastUse = countUse();
    return this.core ?? this.activate();
  }

  /** Calls an export. @throws ERR_STATE when it traps: the instance is given up. */
  call<Name extends Call>(name: Name, ...values: Parameters<Core[Name]>): ReturnType<Core[Name]> {
    const core = this.use();
    try {
      return (core[name] as (...values: Parameters<Core[Name]>) => ReturnType<Core[Name]>)(...values);
    } catch (error) {
      return this.giveUp(error);
    }
  }

  /**
   * After whatever the core threw. A trap leaves an instance in no known state: it is given up, with its model; others have
   * instances of their own.
   */
  giveUp(error: unknown): never {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    this.drop();
    this.failure = error.message;
    throw new FeedforwardError('ERR_STATE', failed(error.message), {}, error);
  }

  evict(): void {
    if (this.core === undefined) return;
    const image = bytes(this.core.memory.buffer.byteLength, 'A model that hibernates');
    image.set(new Uint8Array(this.core.memory.buffer));
    this.image = image.buffer;
    const { core } = this;
    this.drop();
    giveBack(this.build, core);
  }

  private drop(): void {
    this.shared?.forget();
    this.shared = undefined;
    this.core = undefined;
    this.user.detach();
  }

  /** Makes the instance, evicting other models when the engine has no room. */
  private instantiate(): Build {
    for (;;) {
      try {
        const { core, build, wide, shared } = instantiate(this.deterministic, this.sharable);
        this.core = core;
        this.wide = wide;
        this.shared = shared;
        return build;
      } catch (error) {
        if (!(error instanceof FeedforwardError && error.code === 'ERR_MEMORY' && evictLeastUsed())) throw error;
      }
    }
  }

  private activate(): Core {
    if (this.failure !== undefined) fail('ERR_STATE', failed(this.failure));
    const image = this.image!;
    this.instantiate();
    const core = this.core!;
    const missing = image.byteLength - core.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        core.memory.grow(missing / 65536);
      } catch (error) {
        this.drop();
        throw new FeedforwardError(
          'ERR_MEMORY',
          `A model of ${image.byteLength} bytes could not come back from hibernation: memory is full.`,
          {},
          error,
        );
      }
    }
    new Uint8Array(core.memory.buffer).set(new Uint8Array(image));
    this.image = undefined;
    addResident(this);
    this.user.attach(core);
    return core;
  }
}

function failed(why: string): string {
  return `This model's WebAssembly instance failed (${why}) and was given up with all that was in it; other models are unaffected. Load a saved copy, or make the model again.`;
}
