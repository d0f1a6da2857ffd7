// Covers one panel of a product with register tiles: whole tiles first, the last rows and columns with smaller ones.
// Pointers and strides are bytes. `A` says how the left factor lies in memory (Plain or Transposed, tiles.generated.ts);
// each function is compiled once for either. `start` is C itself (accumulate), a bias (stride 0), or null for zeros.

import { Tile } from '../abi';
import { TRAINS } from '../build';
import { Tiles } from './tiles.generated';

/** c[rows][columns] = start + a . b, where `columns` is 4, 8, 12 or 16 and b has rows of bStride. */
// @ts-ignore: decorator
@inline
export function coverPanel<A extends Tiles>(
  tile: Tile,
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  rows: i32,
  columns: i32,
  terms: i32,
): void {
  if (!TRAINS) {
    coverSmall<A>(c, cStride, start, startStride, a, aStride, b, bStride, rows, columns, terms);
    return;
  }
  if (columns == 16 && (tile >= Tile.Rows4Columns16 || rows < 3)) {
    coverSixteen<A>(tile, c, cStride, start, startStride, a, aStride, b, bStride, rows, terms);
    return;
  }
  if (columns >= 8) coverEights<A>(tile, c, cStride, start, startStride, a, aStride, b, bStride, rows, columns, terms);
  if (columns & 4) {
    const offset = (<usize>(columns & 8)) << 2;
    coverFour<A>(c + offset, cStride, start ? start + offset : 0, startStride, a, aStride, b + offset, bStride, rows, terms);
  }
}

/** How many rows the next tile takes of those left: whole tiles first, the last two balanced. */
// @ts-ignore: decorator
@inline
function nextRows(rows: i32, most: i32): i32 {
  return rows >= 2 * most ? most : rows > most ? (rows + 1) >> 1 : rows;
}

/** All sixteen columns at a time. */
function coverSixteen<A extends Tiles>(
  tile: Tile,
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  rows: i32,
  terms: i32,
): void {
  const tiles = changetype<A>(0);
  const most = rows < 3 ? 2 : tile - Tile.Rows4Columns16 + 4;
  while (rows > 0) {
    const take = nextRows(rows, most);
    switch (take) {
      case 6:
        tiles.tile6x16(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      case 5:
        tiles.tile5x16(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      case 4:
        tiles.tile4x16(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      case 3:
        tiles.tile3x8(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        tiles.tile3x8(c + 32, cStride, start ? start + 32 : 0, startStride, a, aStride, b + 32, bStride, terms);
        break;
      case 2:
        tiles.tile2x16(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      default:
        tiles.tile1x16(c, cStride, start, startStride, a, aStride, b, bStride, terms);
    }
    c += cStride * take;
    start += startStride * take;
    a = tiles.below(a, aStride, take);
    rows -= take;
  }
}

/** Rows of the tile of eight columns that goes with `tile`. */
// @ts-ignore: decorator
@inline
function mostRows(tile: Tile): i32 {
  return tile <= Tile.Rows6Columns8Steps ? min(tile - Tile.Rows4Columns8 + 4, 6) : 4;
}

/** Eight columns at a time: once, or twice for sixteen. */
function coverEights<A extends Tiles>(
  tile: Tile,
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  rows: i32,
  columns: i32,
  terms: i32,
): void {
  const tiles = changetype<A>(0);
  const most = mostRows(tile);
  while (rows > 0) {
    const take = nextRows(rows, most);
    for (let offset: usize = 0; offset <= (<usize>(columns - 8)) << 2; offset += 32) {
      const from = start ? start + offset : 0;
      switch (take) {
        case 6:
          if (tile == Tile.Rows6Columns8)
            tiles.tile6x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          else tiles.tile6x8s(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          break;
        case 5:
          tiles.tile5x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          break;
        case 4:
          tiles.tile4x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          break;
        case 3:
          tiles.tile3x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          break;
        case 2:
          tiles.tile2x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
          break;
        default:
          tiles.tile1x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
      }
    }
    c += cStride * take;
    start += startStride * take;
    a = tiles.below(a, aStride, take);
    rows -= take;
  }
}

/** The last four columns of a panel. */
function coverFour<A extends Tiles>(
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  rows: i32,
  terms: i32,
): void {
  const tiles = changetype<A>(0);
  while (rows > 0) {
    const take = rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    switch (take) {
      case 8:
        tiles.tile8x4(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      case 4:
        tiles.tile4x4(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      case 2:
        tiles.tile2x4(c, cStride, start, startStride, a, aStride, b, bStride, terms);
        break;
      default:
        tiles.tile1x4(c, cStride, start, startStride, a, aStride, b, bStride, terms);
    }
    c += cStride * take;
    start += startStride * take;
    a = tiles.below(a, aStride, take);
    rows -= take;
  }
}

/** The whole panel with tiles of four rows and of one: all that a build which only predicts has, for its size. */
function coverSmall<A extends Tiles>(
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  rows: i32,
  columns: i32,
  terms: i32,
): void {
  const tiles = changetype<A>(0);
  const rest = (<usize>(columns & ~7)) << 2;
  while (rows > 0) {
    const take = rows >= 4 ? 4 : 1;
    for (let offset: usize = 0; offset < rest; offset += 32) {
      const from = start ? start + offset : 0;
      if (take == 4) tiles.tile4x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
      else tiles.tile1x8(c + offset, cStride, from, startStride, a, aStride, b + offset, bStride, terms);
    }
    if (columns & 4) {
      const from = start ? start + rest : 0;
      if (take == 4) tiles.tile4x4(c + rest, cStride, from, startStride, a, aStride, b + rest, bStride, terms);
      else tiles.tile1x4(c + rest, cStride, from, startStride, a, aStride, b + rest, bStride, terms);
    }
    c += cStride * take;
    start += startStride * take;
    a = tiles.below(a, aStride, take);
    rows -= take;
  }
}
