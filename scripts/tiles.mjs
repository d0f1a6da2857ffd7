// The text of assembly/kernels/tiles.generated.ts: a few lines, over and over, for every tile shape, which AssemblyScript
// has no macro for. scripts/build-core.mjs writes the file; `node scripts/tiles.mjs` prints it.

// Rows, columns, and how many terms one turn of the loop takes. Four terms a turn take 5x8 without fused multiply-add from
// 36 to 45 GFLOP/s in Node 24 and 4x8 from 31 to 36 in Node 20, where the loop's own instructions are in the way; fused tiles
// gain 2 %. When A's rows are adjacent (X^T.dY) the gain is 5 %. Little tiles serve edges and small layers.
//
// `steps`: every row's pointer moves on by itself and no address has an offset. JavaScriptCore on x64 broadcasts from a
// plain address in one instruction and from any other in three, by way of an integer register: 36 GFLOP/s against 26.
//
// `pause`: after so many rows of a term a test that never holds (addresses are even). Compilers that move loads ahead of the arithmetic, V8
// before 13 and SpiderMonkey without fused multiply-add, cannot move them past it; the five rows of a term at once take more registers than there
// are. 5x8 goes from 33 to 44 GFLOP/s in Node 20 with relaxed SIMD and from 20 to 32 in Firefox without, and loses 1 % or nothing in
// Node 24. 4x8 and 6x8 gain nothing there, and without fused multiply-add in Node 20 the tests cost 4x8 what they bring.
const shapes = [
  { rows: 1, columns: 4, turn: 1 },
  { rows: 2, columns: 4, turn: 1 },
  { rows: 4, columns: 4, turn: 1 },
  { rows: 8, columns: 4, turn: 4 },
  { rows: 1, columns: 8, turn: 1 },
  { rows: 2, columns: 8, turn: 1 },
  { rows: 3, columns: 8, turn: 2 },
  { rows: 4, columns: 8, turn: 4 },
  { rows: 5, columns: 8, turn: 4, pause: 3 },
  { rows: 6, columns: 8, turn: 4 },
  { rows: 6, columns: 8, turn: 1, steps: true },
  { rows: 1, columns: 16, turn: 1 },
  { rows: 2, columns: 16, turn: 1 },
  { rows: 4, columns: 16, turn: 2 },
  { rows: 5, columns: 16, turn: 4 },
  { rows: 6, columns: 16, turn: 1 },
];

const header = `// Register tiles: a few rows by 4, 8 or 16 columns of C held in registers while the terms run by.
//
//     C[r][j] = start[r][j] + sum over k of A[r][k] * B[k][j]     k ascending, one madd per term
//
// Strides are in bytes; there is at least one term. \`start\` is C itself (accumulate), a bias (stride 0), or the zeros at
// address 0 (stride 0). Two classes hold the tiles for the two ways A lies in memory, and products are made of one or the
// other (\`changetype<A>(0)\`: a class of functions, never an object). Every element is a single running sum in every tile:
// they differ in speed, never in bits.
//
// The tests for the end inside a turn are barriers too: without them the optimizer merges the terms of a turn, which takes
// more registers than there are. All of C is loaded before the loop and stored after it, with no other access in between:
// V8's 256-bit pass packs only pairs of accesses that nothing separates.
//
// Made by scripts/tiles.mjs.

import { madd } from './lanes';
`;

const range = (n) => Array.from({ length: n }, (_, i) => i);

/** `, 16` where an offset is needed. */
const at = (offset) => (offset ? `, ${offset}` : '');

function tile({ rows, columns, turn, steps, pause }, transposed) {
  const pointers = !transposed || steps; // one for each row of C
  const vectors = range(columns / 4);
  const a = (r) => (pointers && r > 0 ? `a${r}` : 'a');
  const offset = (r, term) => (pointers ? (transposed ? 0 : 4 * term) : 4 * r);
  const lines = [];
  /** Joins statements into lines of at most 120 columns. */
  const add = (indent, statements) => {
    let line = indent;
    for (const statement of statements) {
      if (line.length + 1 + statement.length > 118) {
        lines.push(line);
        line = indent;
      }
      line += (line === indent ? '' : ' ') + statement;
    }
    lines.push(line);
  };

  lines.push(`${nameOf({ rows, columns, steps })}(${parameters[0]}`, `  ${parameters[1]} {`);
  lines.push('  const end = b + bStride * terms;');
  for (const r of range(rows)) {
    const loads = vectors.map((j) => `c${r}${j} = v128.load(start${at(16 * j)})`);
    if (r) lines.push('  start += startStride;');
    lines.push(`  let ${loads.join(', ')};`);
  }
  /** A's pointers move on. */
  const move = (bytes) =>
    add(
      '    ',
      range(pointers ? rows : 1).map((r) => `${a(r)} += ${bytes};`),
    );
  const others = range(rows)
    .slice(1)
    .map((r) => `a${r} = ${a(r - 1)} + ${transposed ? 4 : 'aStride'}`);
  if (pointers && rows > 1) lines.push(`  let ${others.join(', ')};`);
  lines.push('  while (true) {');
  for (const term of range(turn)) {
    const name = (letter) => letter + (term ? `_${term}` : '');
    if (term) lines.push('    if (b == end) break;');
    lines.push(`    const ${vectors.map((j) => `${name(`b${j}`)} = v128.load(b${at(16 * j)})`).join(', ')};`);
    lines.push('    b += bStride;');
    for (const r of range(rows)) {
      const x = name(`x${r}`);
      const splat = `const ${x} = v128.load32_splat(${a(r)}${at(offset(r, term))});`;
      add('    ', [splat, ...vectors.map((j) => `c${r}${j} = madd(${x}, ${name(`b${j}`)}, c${r}${j});`)]);
      if (r + 1 === pause) lines.push('    if (b & 1) break;');
    }
    if (transposed) move('aStride');
  }
  if (!transposed) move(4 * turn);
  lines.push('    if (b == end) break;', '  }');
  for (const r of range(rows)) {
    if (r) lines.push('  c += cStride;');
    add(
      '  ',
      vectors.map((j) => `v128.store(c, c${r}${j}${at(16 * j)});`),
    );
  }
  lines.push('}');
  return indented(lines);
}

const parameters = [
  'c: usize, cStride: usize, start: usize, startStride: usize, a: usize, aStride: usize,',
  'b: usize, bStride: usize, terms: i32): void',
];

const nameOf = ({ rows, columns, steps }) => `tile${rows}x${columns}${steps ? 's' : ''}`;

const indented = (lines) => lines.map((line) => `  ${line}`).join('\n');

/** What both classes offer, for type parameters. */
const face = `/** The tiles for one of the two ways A may lie in memory. */
export interface Tiles {
  /** Where \`rows\` rows further on start in A. */
  below(a: usize, aStride: usize, rows: i32): usize;
${shapes.map((shape) => `  ${nameOf(shape)}(${parameters[0]}\n    ${parameters[1]};`).join('\n')}
}`;

function family(name, transposed, where, below) {
  return `/** ${where} */
@unmanaged @final
export class ${name} {
  below(a: usize, aStride: usize, rows: i32): usize {
    return a + ${below};
  }

${shapes.map((shape) => tile(shape, transposed)).join('\n\n')}
}`;
}

// Two whole panels at once for a single row: with one panel alone, its four sums would wait for one another.
const pair = `/** One row by two panels of 16 columns, the second \`panel\` bytes after the first. */
export function tile1x32(c: usize, start: usize, a: usize, b: usize, panel: usize, terms: i32): void {
  const end = b + ((<usize>terms) << 6);
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  let c04 = v128.load(start, 64), c05 = v128.load(start, 80), c06 = v128.load(start, 96), c07 = v128.load(start, 112);
  while (true) {
    const x = v128.load32_splat(a);
    const second = b + panel;
    c00 = madd(x, v128.load(b), c00); c01 = madd(x, v128.load(b, 16), c01);
    c02 = madd(x, v128.load(b, 32), c02); c03 = madd(x, v128.load(b, 48), c03);
    c04 = madd(x, v128.load(second), c04); c05 = madd(x, v128.load(second, 16), c05);
    c06 = madd(x, v128.load(second, 32), c06); c07 = madd(x, v128.load(second, 48), c07);
    a += 4; b += 64;
    if (b == end) break;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  v128.store(c, c04, 64); v128.store(c, c05, 80); v128.store(c, c06, 96); v128.store(c, c07, 112);
}`;

/** The text of the file. */
export function generate() {
  const plain = family(
    'Plain',
    false,
    'The terms of a row lie side by side: A[r][k] is at a + aStride r + 4 k.',
    'aStride * rows',
  );
  const transposed = family(
    'Transposed',
    true,
    'The rows of a term lie side by side: A[r][k] is at a + aStride k + 4 r.',
    '((<usize>rows) << 2)',
  );
  return `${[header, face, plain, transposed, pair].join('\n\n')}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) process.stdout.write(generate());
