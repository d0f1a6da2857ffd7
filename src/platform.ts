// What the library needs of its surroundings, where engines and test environments differ.

/** Modules of Node's that some part of the library uses there. */
interface NodeModules {
  'node:fs': typeof import('node:fs');
  'node:fs/promises': typeof import('node:fs/promises');
  'node:os': typeof import('node:os');
  'node:v8': typeof import('node:v8');
  'node:worker_threads': typeof import('node:worker_threads');
}

/** Whether Node's modules are at hand: in Node itself, in Bun and in Deno. */
export const isNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

/**
 * A module of Node's own. Bundlers for browsers do not see the import, which they would resolve whether or not it is ever asked for;
 * and `getBuiltinModule` (Node 20.16) also serves where import() is refused, as inside of Jest.
 */
export async function nodeModule<Name extends keyof NodeModules>(name: Name): Promise<NodeModules[Name]> {
  const builtin = (process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule?.(name);
  return (builtin ?? (await import(/* @vite-ignore */ /* webpackIgnore: true */ name))) as NodeModules[Name];
}
