// The order of the documentation. A page that stands in no group fails the build: what is not in the list cannot be found.

const order = {
  Start: ['start', 'web-page', 'node', 'saving', 'coming-from'],
  Tables: ['defaults', 'command-line', 'report', 'uncertainty', 'explain', 'shapes', 'search'],
  Deploy: ['predict', 'integers', 'files', 'environments', 'numbers'],
  'Costly functions': ['approximate', 'derivatives', 'pricing'],
  Course: ['course', 'labs', 'course-rows', 'notation', 'landmarks', 'kolmogorov-arnold', 'graphs'],
  'When it goes wrong': ['errors', 'faults', 'kinds'],
};

/** Groups of pages with their titles, by name. Names that no file has are left out; files that no group has are refused. */
export function groups(titles) {
  const listed = new Set(Object.values(order).flat());
  const missing = [...titles.keys()].filter((name) => !listed.has(name));
  if (missing.length > 0) throw new Error(`site/contents.mjs: no group has ${missing.join(', ')}.`);
  return Object.entries(order)
    .map(([title, names]) => ({
      title,
      pages: names.filter((name) => titles.has(name)).map((name) => ({ name, title: titles.get(name) })),
    }))
    .filter(({ pages }) => pages.length > 0);
}
