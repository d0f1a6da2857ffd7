// Edges of the graph of layers: which layers each one reads, by name. A layer reads the one before it unless `from` says otherwise, and only
// layers that stand before it, so that there are no cycles.

import { fail, show } from '../errors.js';

/** What every layer of a model may say of its place in the graph. */
export interface Placed {
  /** What `from` of later layers calls this one: any text but 'input'. Not inside residual blocks. */
  readonly name?: string;
  /**
   * Names of the layers before it that this one reads, or 'input' for the model's inputs: their outputs side by side, in this order. Default: the layer
   * before it. Not inside residual blocks.
   */
  readonly from?: readonly string[];
}

/** The model's inputs, as a source. */
export const INPUT = -1;

/**
 * For each layer the places of those that it reads side by side, INPUT for the model's inputs; undefined where it reads the one before it.
 * @throws ERR_OPTION for names that are taken, unknown or come later, and layers that nobody reads.
 */
export function resolveEdges(layers: readonly Placed[]): (readonly number[] | undefined)[] {
  const places = new Map([['input', INPUT]]);
  const read = new Set<number>();
  const sources = layers.map((layer, i) => {
    const where = `layers[${i}]`;
    const { name, from } = (layer ?? {}) as Partial<Record<keyof Placed, unknown>>;
    const own = from === undefined ? [i - 1] : sourcesOf(from, places, layers, where);
    for (const source of own) read.add(source);
    if (name !== undefined) {
      if (typeof name !== 'string' || name === '') fail('ERR_OPTION', `${where}.name: expected a text, got ${show(name)}.`);
      const taken = places.get(name);
      if (taken !== undefined)
        fail(
          'ERR_OPTION',
          `${where}.name: ${show(name)} is ${taken === INPUT ? "what the model's inputs are called" : `the name of layers[${taken}]`}.`,
        );
      places.set(name, i);
    }
    return own.length === 1 && own[0] === i - 1 ? undefined : own;
  });
  const dead = layers.findIndex((_, i) => i < layers.length - 1 && !read.has(i));
  if (dead >= 0)
    fail(
      'ERR_OPTION',
      `layers[${dead}]: no layer reads it. Give it a name and a later layer "from" with that name, or leave it out.`,
    );
  return sources;
}

function sourcesOf(from: unknown, places: ReadonlyMap<string, number>, layers: readonly Placed[], where: string): number[] {
  if (!Array.isArray(from) || from.length === 0)
    fail('ERR_OPTION', `${where}.from: expected a list of names of layers before it, such as ['input', 'a'], got ${show(from)}.`);
  return (from as unknown[]).map((name, k) => {
    const place = places.get(name as string);
    if (place === undefined) {
      const later = layers.findIndex((layer) => layer?.name !== undefined && layer.name === name);
      const known = [...places.keys()].map(show).join(', ');
      fail(
        'ERR_OPTION',
        `${where}.from: ${show(name)} is ${later < 0 ? 'no name of a layer' : `the name of layers[${later}], which does not stand before it`}. Before it there are ${known}.`,
      );
    }
    if (from.indexOf(name) !== k) fail('ERR_OPTION', `${where}.from: ${show(name)} is there twice.`);
    return place;
  });
}

/** @throws ERR_OPTION for a layer with a name or `from` inside a residual block. */
export function refusePlaced(layer: Placed, where: string): void {
  for (const option of ['name', 'from'] as const)
    if (layer[option] !== undefined)
      fail(
        'ERR_OPTION',
        `${where}.${option}: layers inside a residual block follow each other. Name the block, or lay its layers out beside it.`,
      );
}
