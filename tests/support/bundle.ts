// What a bundler makes of a page's or a program's code: one minified file for the browser.

import { rolldown } from 'rolldown';

export interface BundleOptions {
  /** Export conditions to resolve by, in place of a browser's. */
  readonly conditions?: readonly string[];
  /** Imports to leave as they are, besides Node's modules. */
  readonly external?: readonly RegExp[];
}

/** Bundles `code`, as if it stood in `folder`. */
export async function bundle(folder: string, code: string, options: BundleOptions = {}): Promise<{ code: string }> {
  const build = await rolldown({
    input: 'virtual-entry',
    cwd: folder,
    platform: 'browser',
    external: [/^node:/, ...(options.external ?? [])],
    ...(options.conditions === undefined ? {} : { resolve: { conditionNames: [...options.conditions] } }),
    logLevel: 'silent',
    plugins: [
      {
        name: 'virtual-entry',
        resolveId: async function (id, importer) {
          if (id === 'virtual-entry') return `${folder}/virtual-entry.js`;
          return importer?.endsWith('virtual-entry.js') ? await this.resolve(id, `${folder}/index.js`, { skipSelf: true }) : null;
        },
        load: (id) => (id.endsWith('virtual-entry.js') ? code : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false });
  return { code: output[0].code };
}
