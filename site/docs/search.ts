// The search, loaded with its index when somebody searches.

import MiniSearch from 'minisearch';

export interface Found {
  readonly title: string;
  /** From the root of the site. */
  readonly address: string;
  readonly page: string;
}

declare global {
  /** What is found by some words, the best ten. Set by search-index.js. */
  var searchSite: ((words: string) => readonly Found[]) | undefined;
  /** Set by search-index.js as well, before. */
  var searchIndex: string | undefined;
}

const engine = MiniSearch.loadJSON(globalThis.searchIndex!, {
  fields: ['title', 'text'],
  storeFields: ['title', 'address', 'page'],
});
globalThis.searchSite = (words) =>
  engine.search(words, { prefix: true, fuzzy: 0.15, boost: { title: 3 } }).slice(0, 10) as unknown as readonly Found[];
