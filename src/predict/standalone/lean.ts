// The core that only predicts, cut down to what one network calls: functions of other layers and activations become a trap of four bytes, which
// leaves every index as it is. What stands in for them is never reached; the functions that stay are the core's to the byte.

import type { NetworkPlan } from '../../plan/network.js';
import { LayerKind } from '../../../assembly/abi.js';
import { wholeCore } from '../wholeCore.js';
import { parts } from '../parts.generated.js';

/** The sections of the core that a module goes on from. */
export interface LeanCore {
  /** The types of its functions, one encoding each. */
  readonly types: readonly Uint8Array[];
  /** The type of each function. */
  readonly functions: readonly number[];
  /** The code of each function, its size in front. */
  readonly code: readonly Uint8Array[];
  /** The walk forward: the index of a function of the number of rows. */
  readonly forward: number;
  /** The walk back to the inputs: the index of a function of nothing. */
  readonly inputGradient: number;
}

/** local count 0, unreachable, end; its size in front. */
const trap = Uint8Array.of(3, 0, 0x00, 0x0b);

/** The core for the networks of a plan: forward, and with `gradient` back to the inputs. */
export function leanCore(plan: NetworkPlan, gradient: boolean): LeanCore {
  const { forward, inputGradient } = parts;
  const called = callable(featuresOf(plan), gradient ? [forward, inputGradient] : [forward]);
  const read = sectionsOf(wholeCore.read(false));
  const code = listOf(read(10), sizedItem).map((body, i) => (called.has(i) ? body : trap));
  return {
    types: listOf(read(1), typeItem),
    functions: listOf(read(3), numberItem).map((item) => number(item, 0)[0]),
    code,
    forward,
    inputGradient,
  };
}

/** What a network is made of, in the words of scripts/core-parts.mjs. */
function featuresOf({ layers }: NetworkPlan): Set<string> {
  const features = new Set<string>();
  for (const { kind, activation, projection } of layers) {
    if (kind === LayerKind.Dense || projection) features.add('dense');
    if (kind === LayerKind.BatchNorm) features.add('batchNorm');
    if (kind === LayerKind.LayerNorm) features.add('layerNorm');
    if (kind === LayerKind.Rescale) features.add('rescale');
    if (kind === LayerKind.ResidualBegin) features.add('residual');
    if (kind === LayerKind.Embedding) features.add('embedding');
    if (kind === LayerKind.Edge) features.add('edge');
    // Dense layers without an activation have nothing to sweep over.
    if (kind === LayerKind.Activation || (kind === LayerKind.Dense && activation.name !== 'identity'))
      features.add(activation.name[0]!.toUpperCase() + activation.name.slice(1));
  }
  return features;
}

/** The functions that may be called from `roots` by a network of these features. */
function callable(features: ReadonlySet<string>, roots: readonly number[]): Set<number> {
  const { calls, setUp } = parts;
  const of = parts.features as Readonly<Record<number, string>>;
  const found = new Set<number>();
  const visit = (i: number): void => {
    const feature = of[i];
    // Tables of constants are in the memory that the module starts with.
    if (found.has(i) || i === setUp || (feature !== undefined && !features.has(feature))) return;
    found.add(i);
    for (const callee of calls[i]!) visit(callee);
  };
  for (const root of roots) visit(root);
  return found;
}

// ---- reading a module -------------------------------------------------------------------------------------------------------------

/** The number at a place, in LEB128, and where it ends. */
function number(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

/** The content of each section by its id. */
function sectionsOf(module: Uint8Array): (id: number) => Uint8Array {
  const sections = new Map<number, Uint8Array>();
  for (let at = 8; at < module.length; ) {
    const id = module[at]!;
    const [size, start] = number(module, at + 1);
    sections.set(id, module.subarray(start, start + size));
    at = start + size;
  }
  return (id) => sections.get(id)!;
}

/** The items of a section that is a list of them; `end` says where the item at a place ends. */
function listOf(section: Uint8Array, end: (bytes: Uint8Array, at: number) => number): Uint8Array[] {
  const [count, start] = number(section, 0);
  const items: Uint8Array[] = [];
  for (let at = start; items.length < count; at += items[items.length - 1]!.length)
    items.push(section.subarray(at, end(section, at)));
  return items;
}

function numberItem(bytes: Uint8Array, at: number): number {
  return number(bytes, at)[1];
}

function sizedItem(bytes: Uint8Array, at: number): number {
  const [size, start] = number(bytes, at);
  return start + size;
}

/** 0x60, parameters, results. */
function typeItem(bytes: Uint8Array, at: number): number {
  return sizedItem(bytes, sizedItem(bytes, at + 1));
}
