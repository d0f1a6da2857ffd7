// A plugin for the bundler: members of abi.ts's enums, and of those that a file has for itself, become plain numbers wherever they
// stand, so that no table of them is shipped. TypeScript would do the same for `const enum`; the bundler, which compiles file by file, does not.

import { readFileSync } from 'node:fs';

export function inlineEnums(file = new URL('../assembly/abi.ts', import.meta.url)) {
  const shared = membersOf(
    readFileSync(file, 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ''),
    /export (?:const )?enum (\w+) \{([^}]*)\}/g,
  );
  return {
    name: 'inline-enums',
    transform: {
      order: 'pre',
      filter: { id: /\/src\/.*\.ts$/ },
      handler(code) {
        const members = new Map(/\/assembly\/abi\.js'/.test(code) ? shared : []);
        for (const [member, value] of membersOf(code, own)) members.set(member, value);
        if (members.size === 0) return null;
        return {
          code: code.replace(own, '').replace(/\b[A-Z]\w*\.\w+/g, (member) => `${members.get(member) ?? member}`),
          map: null,
        };
      },
    },
  };
}

/** An enum of one file. */
const own = /^enum (\w+) \{([^}]*)\}/gm;

/** `Name.member` and its number, of each enum that `pattern` finds. */
function membersOf(source, pattern) {
  const members = new Map();
  for (const [, name, body] of source.matchAll(pattern))
    body
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== '')
      .forEach((member, i) => {
        if (!/^\w+$/.test(member)) throw new Error(`enum ${name}: a member with a value of its own, ${member}`);
        members.set(`${name}.${member}`, i);
      });
  return members;
}
