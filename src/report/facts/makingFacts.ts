// What it takes to make a model again: versions, seed, options, and files by their SHA-256.

import { Perceptron } from '../../estimators/perceptron.js';
import { version } from '../../formats/version.js';
import { Model } from '../../model/model.js';
import type { FileDigest, Making } from './facts.js';
import type { Reportable } from './subject.js';

/** `files` beside the model's own. */
export function makingOf(
  model: Reportable,
  {
    command,
    files,
    saved = savedDigest(model),
  }: {
    readonly command: string | undefined;
    readonly files: readonly FileDigest[];
    readonly saved?: FileDigest | undefined;
  },
): Making {
  const network = model instanceof Model ? model : model instanceof Perceptron ? undefined : model.model;
  const options =
    model instanceof Model
      ? undefined
      : JSON.stringify(model.options, (_, value) => (typeof value === 'function' ? '(a function)' : value), 2);
  return {
    ...{ command, options, network: network?.summary() },
    seed: (model instanceof Model ? model.plan.seed : model.options.seed) ?? 0,
    versions: [['feedforward', version], runtime()],
    files: saved === undefined ? files : [...files, saved],
  };
}

/** The model's file; a network on a backend of one's own has none. */
function savedDigest(model: Reportable): FileDigest | undefined {
  const { save } = model as { save?: () => Uint8Array };
  return save === undefined ? undefined : digestOf('the model, as save() writes it', save.call(model));
}

/** A file by its contents. SHA-256 is Node's; pages compute it only in time to come, and leave it out. */
export function digestOf(name: string, contents: Uint8Array): FileDigest {
  const { getBuiltinModule } = (typeof process === 'object' ? process : {}) as {
    getBuiltinModule?: (name: string) => typeof import('node:crypto') | undefined;
  };
  const hash = getBuiltinModule?.('node:crypto')?.createHash('sha256');
  return { name, bytes: contents.length, sha256: hash?.update(contents).digest('hex') };
}

function runtime(): readonly [string, string] {
  const node = typeof process === 'object' ? process.versions?.node : undefined;
  if (node !== undefined) return ['Node', node];
  return ['browser', typeof navigator === 'object' ? navigator.userAgent : 'unknown'];
}
