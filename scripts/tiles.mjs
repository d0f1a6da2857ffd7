// Writes assembly/kernels/tiles.ts: the same few lines for every tile shape, which AssemblyScript has no macro for.
// `node scripts/tiles.mjs` after a change here; a test fails when the two disagree.

import { writeFileSync } from 'node:fs';

// rows x columns, and how many terms one turn of the loop takes: `along` when A's terms are adjacent in memory (X.W and
// dY.W^T), `across` when its rows are (X^T.dY). Four terms a turn where it is the main tile of some engine: on the
// plain build of Node 24 5x8 gains 18 % by it. Little tiles serve edges only.
const shapes = [
  { rows: 1, columns: 4, along: 1, across: 1 },
  { rows: 2, columns: 4, along: 1, across: 1 },
  { rows: 4, columns: 4, along: 1, across: 1 },
  { rows: 8, columns: 4, along: 4, across: 1 },
  { rows: 1, columns: 8, along: 1, across: 1 },
  { rows: 2, columns: 8, along: 1, across: 1 },
  { rows: 3, columns: 8, along: 2, across: 1 },
  { rows: 4, columns: 8, along: 4, across: 1 },
  { rows: 5, columns: 8, along: 4, across: 1 },
  { rows: 6, columns: 8, along: 4, across: 1 },
  { rows: 1, columns: 16, along: 1, across: 1 },
  { rows: 2, columns: 16, along: 1, across: 1 },
  { rows: 4, columns: 16, along: 4, across: 1 },
  { rows: 5, columns: 16, along: 4, across: 1 },
  { rows: 6, columns: 16, along: 4, across: 1 },
];

const header = `// Register tiles: a few rows by 4, 8 or 16 columns of C held in registers while the terms run by.
//
//     C[r][j] = start[r][j] + sum over k of A[r][k] * B[k][j]     k ascending, one madd per term
//
// Strides are in bytes; there is at least one term. \`start\` is C itself (accumulate), a bias (stride 0), or the zeros at
// address 0 (stride 0). tile6x8 reads an A whose terms are adjacent (row to row by aStride); tile6x8t one whose rows are
// (term to term by aStride). Every element is a single running sum in every tile: they differ in speed, never in bits.
//
// The leave-taking tests inside a turn are barriers too: without them the optimizer merges the terms of a turn, which
// takes more registers than there are. All of C is loaded before the loop and stored after it, with no other access in
// between: V8's 256-bit pass packs only pairs of accesses that nothing separates.
//
// Made by scripts/tiles.mjs.

import { madd } from './lanes';
`;

/** Joins short statements into lines of at most 120 columns. */
function pack(statements, indent) {
  const lines = [''];
  for (const statement of statements) {
    const last = lines[lines.length - 1];
    if (last && indent.length + last.length + 1 + statement.length > 120) lines.push(statement);
    else lines[lines.length - 1] = last ? `${last} ${statement}` : statement;
  }
  return lines.map((line) => indent + line).join('\n');
}

function tile({ rows, columns, along, across }, transposed) {
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const vectors = range(columns / 4);
  const turn = transposed ? across : along;
  const at = (offset) => (offset ? `, ${offset}` : '');
  const lines = [];
  lines.push(
    `export function tile${rows}x${columns}${transposed ? 't' : ''}(c: usize, cStride: usize, start: usize, startStride: usize,`,
    '  a: usize, aStride: usize, b: usize, bStride: usize, terms: i32): void {',
    '  const end = b + bStride * terms;',
  );
  for (const r of range(rows)) {
    if (r) lines.push('  start += startStride;');
    lines.push(pack(vectors.map((j) => `let c${r}${j} = v128.load(start${at(16 * j)});`), '  '));
  }
  if (!transposed && rows > 1) {
    lines.push(pack(range(rows - 1).map((r) => `let a${r + 1} = ${r ? `a${r}` : 'a'} + aStride;`), '  '));
  }
  const pointer = (r) => (transposed || r === 0 ? 'a' : `a${r}`);
  lines.push('  while (true) {');
  for (const term of range(turn)) {
    const s = term || '';
    if (term) lines.push('    if (b == end) break;');
    const load = (j) => `v128.load(b${at(16 * j)})`;
    lines.push(pack(vectors.map((j) => `const b${j}${s && `_${s}`} = ${load(j)};`).concat('b += bStride;'), '    '));
    for (const r of range(rows)) {
      const x = `x${r}${s && `_${s}`}`;
      const offset = transposed ? 4 * r : 4 * term;
      const steps = vectors.map((j) => `c${r}${j} = madd(${x}, b${j}${s && `_${s}`}, c${r}${j});`);
      lines.push(pack([`const ${x} = v128.load32_splat(${pointer(r)}${at(offset)});`, ...steps], '    '));
    }
    if (transposed) lines.push('    a += aStride;');
  }
  if (!transposed) lines.push(pack(range(rows).map((r) => `${pointer(r)} += ${4 * turn};`), '    '));
  lines.push('    if (b == end) break;', '  }');
  for (const r of range(rows)) {
    if (r) lines.push('  c += cStride;');
    lines.push(pack(vectors.map((j) => `v128.store(c, c${r}${j}${at(16 * j)});`), '  '));
  }
  lines.push('}');
  return lines.join('\n');
}

export function generate() {
  return `${[header, ...shapes.flatMap((shape) => [tile(shape, false), tile(shape, true)])].join('\n')}\n`.replace(/\n(export)/g, '\n\n$1').replace(/\n\n\n/g, '\n\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL('../assembly/kernels/tiles.ts', import.meta.url), generate());
}
