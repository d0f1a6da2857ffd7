// A plugin for the bundler: the licence of each package that has gone into a file is put into licenses/.

import { readFileSync } from 'node:fs';

/** Packages whose licence stands with another one. */
const source = { '@assemblyscript/loader': 'assemblyscript' };

export function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => file.moduleIds ?? []);
      const packages = new Set(modules.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]));
      for (const found of packages) {
        if (found === undefined) continue;
        const name = source[found] ?? found;
        this.emitFile({
          type: 'asset',
          fileName: `licenses/${name}/LICENSE`,
          source: readFileSync(`node_modules/${name}/LICENSE`, 'utf8'),
        });
      }
    },
  };
}
