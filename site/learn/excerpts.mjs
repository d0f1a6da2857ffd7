// Lines of the library's own sources, shown beside the formula that they compute. A name that is gone fails the build.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mostLines = 24;

/** The declaration of that name among `nodes`: a function, class, variable, interface, or a member of a class or object. */
function find(nodes, name) {
  for (const node of nodes) {
    if (node.name?.getText?.() === name) return node;
    if (ts.isVariableStatement(node)) {
      const [declared] = node.declarationList.declarations.filter((declaration) => declaration.name.getText() === name);
      if (declared !== undefined) return node;
    }
  }
  return undefined;
}

const membersOf = (node) => {
  if (ts.isVariableStatement(node)) {
    let value = node.declarationList.declarations[0].initializer;
    while (value?.expression !== undefined) value = value.expression;
    return value?.properties ?? [];
  }
  return node.initializer?.properties ?? node.members ?? [];
};

/**
 * The text of `name` (`functionName`, `Class.method`, or a list of such parts) in `file`, without its docstring and decorators. `from` and `to`, if given, are the beginnings of the first and
 * last line to show of it.
 */
export function excerpt({ file, name, from, to }) {
  const refuse = (what) => {
    throw new Error(`${what} in ${file}, of which a page of site/learn shows "${name}".`);
  };
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  let node;
  let among = source.statements;
  for (const part of typeof name === 'string' ? name.split('.') : name) {
    node = find(among, part);
    if (node === undefined) refuse(`There is no "${part}"`);
    among = membersOf(node);
  }
  const start = node.getStart();
  const indent = source.getLineAndCharacterOfPosition(start).character;
  let lines = source.text
    .slice(start, node.end)
    .split('\n')
    .map((line, i) => (i === 0 ? line : line.replace(new RegExp(`^ {0,${indent}}`), '')))
    .filter((line) => !/^@\w+$/.test(line));
  if (from !== undefined) {
    const first = lines.findIndex((line) => line.trim().startsWith(from));
    const last = lines.findIndex((line, i) => i >= first && line.trim().startsWith(to ?? from));
    if (first < 0 || last < 0) refuse(`No line begins with "${first < 0 ? from : to}"`);
    const part = lines.slice(first, last + 1);
    const inset = Math.min(...part.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
    lines = part.map((line) => line.slice(inset));
  }
  if (lines.length > mostLines) refuse(`"${name}" has ${lines.length} lines, at most ${mostLines} can be shown`);
  return lines.join('\n');
}
