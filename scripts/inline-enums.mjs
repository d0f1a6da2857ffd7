// A plugin for the bundler: members of abi.ts's enums become plain numbers wherever they stand, so that no table of them is
// shipped. TypeScript would do the same for `const enum`; the bundler, which compiles file by file, does not.

import { readFileSync } from 'node:fs';

export function inlineEnums(file = new URL('../assembly/abi.ts', import.meta.url)) {
  const members = new Map();
  const source = readFileSync(file, 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
  for (const [, name, body] of source.matchAll(/export (?:const )?enum (\w+) \{([^}]*)\}/g))
    body
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== '')
      .forEach((member, i) => {
        if (!/^\w+$/.test(member)) throw new Error(`abi.ts, ${name}: a member with a value of its own, ${member}`);
        members.set(`${name}.${member}`, i);
      });
  const names = new Set([...members.keys()].map((member) => member.split('.')[0]));
  const pattern = new RegExp(`\\b(?:${[...names].join('|')})\\.\\w+`, 'g');
  return {
    name: 'inline-enums',
    transform: {
      order: 'pre',
      filter: { id: /\/src\/.*\.ts$/ },
      handler(code) {
        if (!/\/assembly\/abi\.js'/.test(code)) return null;
        return { code: code.replace(pattern, (member) => (members.has(member) ? `${members.get(member)}` : member)), map: null };
      },
    },
  };
}
