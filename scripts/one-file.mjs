// A plugin for the bundler: makes two files of one classic script, <name>.min.js, a module, and <name>.global.min.js, a classic script that
// sets a global of that name. In both the library is the body of one function, whose text is also what a worker runs: so it starts from a
// file opened by double click and from another origin, without asking for anything.

import { readFileSync } from 'node:fs';

/** The function's name, and its parameter: true in a worker. Code of the library sees both. */
const maker = 'makeFeedforward';
const working = 'inWorker';

/** `entry`: of src/entries, all re-exports, of which the types are made. */
export function oneFile({ name, entry, banner }) {
  const serve = 'virtual:one-file';
  return {
    name: 'one-file',
    resolveId: {
      filter: { id: /^virtual:one-file$/ },
      handler: (id) => id,
    },
    load: {
      filter: { id: /^virtual:one-file$|\/src\/worker\/inlined\.ts$/ },
      handler: (id) =>
        id === serve
          ? `import { serveWorker } from '${process.cwd()}/src/worker/serve.ts'; if (${working}) serveWorker(); export * from '${process.cwd()}/${entry}';`
          : { code: `export const text = '(' + ${maker} + ')(true)';`, moduleType: 'js' },
    },
    generateBundle(_, bundle) {
      const [file] = Object.values(bundle).filter(({ type }) => type === 'chunk');
      const body = file.code.replace(new RegExp(`^var ${name}=`), 'return ');
      if (!body.startsWith('return ')) throw new Error(`The script does not begin as expected: ${file.code.slice(0, 60)}`);
      const made = `function ${maker}(${working}){"use strict";${body.trimEnd()}}`;
      const names = file.exports.filter((one) => one !== 'default');
      const list = names.map((one, i) => [one, `_${i}`]);
      const types = readFileSync(entry, 'utf8')
        .match(/^export \* .*$/gm)
        .join('\n');
      const files = {
        [`${name}.min.js`]: `${banner}${made}\nconst{${list.map((pair) => pair.join(':')).join()}}=${maker}(false);\nexport{${list.map(([one, own]) => `${own} as ${one}`).join()}};\n`,
        [`${name}.global.min.js`]: `${banner}globalThis.${name}=(()=>{${made}\nreturn ${maker}(false)})();\n`,
        [`${name}.min.d.ts`]: `${types}\n`,
        [`${name}.global.min.d.ts`]: `export * from './${name}.min.js';\nexport as namespace ${name};\n`,
      };
      delete bundle[file.fileName];
      for (const [fileName, source] of Object.entries(files)) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}
