// A plugin for the bundler: the licence of each package that has gone into a file is put into licenses/.

import { readFileSync } from 'node:fs';

/** Packages whose licence stands with another one. */
const source = { '@assemblyscript/loader': 'assemblyscript' };

export function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => file.moduleIds ?? []);
      const packages = new Map();
      for (const id of modules) {
        const [, folder, found] = /(.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(id) ?? [];
        if (found !== undefined) packages.set(source[found] ?? found, folder);
      }
      for (const [name, folder] of packages) {
        const text = readFileSync(`${folder}${name}/LICENSE`, 'utf8');
        this.emitFile({ type: 'asset', fileName: `licenses/${name}/LICENSE`, source: text });
      }
    },
  };
}
