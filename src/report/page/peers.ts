// The two packages that draw, which whoever wants reports installs: Observable Plot makes the pictures, linkedom stands for a page's
// document where there is none. report() answers at once, so they are required, not imported: Node can require modules from 20.19 on.

import type * as PlotModule from '@observablehq/plot';
import { FeedforwardError, fail, show } from '../../errors.js';

/** What is used of Observable Plot. */
export type Plot = typeof PlotModule;

/** A document whose elements can be made and written as text. */
export type AnyDocument = Document;

/** What draws pictures. */
export interface Peers {
  readonly plot: Plot;
  readonly document: AnyDocument;
}

const install =
  'npm install @observablehq/plot linkedom, or pass them as the options plot (the module @observablehq/plot) and document.';

/**
 * The packages that draw: those given, else those installed, beside the library or where the program runs.
 * @throws ERR_UNSUPPORTED naming both where one is missing, ERR_OPTION for options that are not what they should be.
 */
export function loadPeers(given: { readonly plot?: object | undefined; readonly document?: object | undefined } = {}): Peers {
  const plot = (given.plot ?? required('@observablehq/plot')) as Plot;
  if (typeof plot.plot !== 'function')
    fail('ERR_OPTION', `report.plot: expected the module @observablehq/plot, got ${show(given.plot)}.`);
  const document = (given.document ?? ownDocument() ?? documentOf(required('linkedom'))) as AnyDocument;
  if (typeof document.createElementNS !== 'function')
    fail('ERR_OPTION', `report.document: expected a document, got ${show(given.document)}.`);
  return { plot, document };
}

/** The page's own, in a page. */
function ownDocument(): AnyDocument | undefined {
  return typeof document === 'object' && typeof document?.createElementNS === 'function' ? document : undefined;
}

function documentOf(linkedom: { parseHTML?: (text: string) => { document: AnyDocument } }): AnyDocument {
  return linkedom.parseHTML!('<!doctype html><html><body></body></html>').document;
}

function required(name: string): object {
  const { getBuiltinModule, cwd, argv } = (typeof process === 'object' ? process : {}) as {
    getBuiltinModule?: (name: string) => typeof import('node:module');
    cwd?: () => string;
    argv?: readonly string[];
  };
  const createRequire = getBuiltinModule?.('node:module').createRequire;
  if (createRequire === undefined)
    fail(
      'ERR_UNSUPPORTED',
      `report needs the packages @observablehq/plot and linkedom, and cannot load ${name} here: ${install}`,
    );
  let first: unknown;
  for (const from of [import.meta.url as string | undefined, argv?.[1], `${cwd?.()}/`])
    if (from !== undefined)
      try {
        return createRequire(from)(name) as object;
      } catch (error) {
        first ??= error;
      }
  const { code } = (first ?? {}) as { code?: string };
  const why =
    code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
      ? `${name} is not installed`
      : code === 'ERR_REQUIRE_ESM'
        ? `this Node cannot require modules, which it can from 20.19 and 22.12 on`
        : String((first as Error)?.message ?? first);
  const text = `report needs the packages @observablehq/plot and linkedom: ${why}. ${install}`;
  throw new FeedforwardError('ERR_UNSUPPORTED', text, { package: name }, first);
}
