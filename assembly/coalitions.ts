// Networks on many coalitions of features at a time: a module of its own, for src/explain. Between a row and a background row the net inputs
// of the first layer are those of the background row plus, for each feature that has come, a fixed vector. So a coalition costs one
// addition per unit in place of a product, and four coalitions stand in the lanes of a vector: no layer has padding, no sum goes across lanes.
//
// Layouts, all float32, `lanes` coalitions (4, 8, 16 or 32) side by side:
//   | x, b      [features][units]    what each feature's inputs add to the first layer's net inputs, in the row and in the background row
//   | start     [units]              the first layer's net inputs of the background row
//   | low       [units][lanes]       start + the sums of the low players, for every set of them
//   | layer     [units][lanes]       activations
//
// Knows nothing of games: worth[S] gets the network's answer for coalition S added to it, in float64.

import { Activation } from './abi';
import { exp, log, prepareMath } from './kernels/math';
import { sweepRule } from './functions/activations';
import { Sigmoid, Tanh } from './functions/activations/bounded';
import { LeakyRelu } from './functions/activations/pieces';
import { Rule } from './functions/activations/rule';

/** What the answer is made of the outputs: one of them as it is, its share in a softmax, or its log odds there. */
const enum Answer {
  Output = 0,
  Share = 1,
  LogOdds = 2,
}

/** A layer after the products of its inputs: all fields are 4 bytes wide. Described by src/explain/kernel.ts in this order. */
@unmanaged
class Layer {
  inputs: i32;
  units: i32;
  activation: i32;
  a: f32;
  b: f32;
  /** [inputs][units]; the first layer has none. */
  weights: u32;
  bias: u32;
}

/** What a call works on: pointers into memory, and how the answer is made. Written by src/explain/kernel.ts in this order. */
@unmanaged
class Game {
  layers: u32;
  count: i32;
  /** An Answer, and the output it is of. */
  answer: i32;
  column: i32;
  /** The row's features, float32 [features][units], and which of them the players are, i32. */
  x: u32;
  players: u32;
  /** Room: [units][lanes], [players + 1][units], and twice the widest layer's [units][lanes]. */
  low: u32;
  high: u32;
  front: u32;
  back: u32;
  /** float64, one for each set of players: bit k is player k. */
  worth: u32;
  /** Room for e^(factor low) [units][lanes], where the first layer's activation is a sigmoid or tanh; else 0. */
  powers: u32;
}

/** Where free memory begins. */
export function heap(): usize {
  return __heap_base;
}

/**
 * Adds the network's answer for every set of `count` players (at least 2) to the worth of the game at `at`. `background` points at the background row:
 * its start [units], then its features [features][units]. Sets of the first `lowCount` players (at least 2, at most count) stand side by side.
 */
export function play(at: usize, background: usize, count: i32, lowCount: i32): void {
  const game = changetype<Game>(at);
  prepareMath();
  const layers = <usize>game.layers;
  const first = changetype<Layer>(layers);
  const units = first.units;
  const lanes = 1 << lowCount;
  const row = (<usize>units) << 2;
  const x = <usize>game.x;
  const b = background + row;
  const high = <usize>game.high;
  lowSums(game, background, b, units, lowCount);
  if (game.powers != 0) lowPowers(first, game, units, lanes);
  const highPlayers = count - lowCount;
  memory.fill(high + <usize>highPlayers * row, 0, row);
  for (let set = 0; set < 1 << highPlayers; set++) {
    let sum = high + <usize>highPlayers * row; // of no high player
    if (set > 0) {
      // The lowest player of the set comes to the others: what is set without it stands where its own lowest player put it.
      const player = ctz(set);
      const rest = set & (set - 1);
      const others = high + <usize>(rest == 0 ? highPlayers : ctz(rest)) * row;
      sum = high + <usize>player * row;
      const feature = <usize>load<i32>(<usize>game.players + ((<usize>(lowCount + player)) << 2)) * row;
      for (let u: usize = 0; u < row; u += 4)
        store<f32>(sum + u, load<f32>(others + u) + (load<f32>(x + feature + u) - load<f32>(b + feature + u)));
    }
    if (game.powers != 0) curve(first, game, sum, units, lanes);
    else activate(first, game.front, game.low, sum, units, lanes);
    let from = <usize>game.front;
    let to = <usize>game.back;
    for (let i = 1; i < game.count; i++) {
      const layer = changetype<Layer>(layers + <usize>i * offsetof<Layer>());
      products(to, from, layer, lanes);
      activate(layer, to, to, 0, layer.units, lanes);
      const swap = from;
      from = to;
      to = swap;
    }
    const outputs = changetype<Layer>(layers + <usize>(game.count - 1) * offsetof<Layer>()).units;
    if (game.answer != Answer.Output) softmax(from, outputs, lanes, game.column, game.answer);
    addTo(<usize>game.worth + ((<usize>(set << lowCount)) << 3), from + ((<usize>(game.column * lanes)) << 2), lanes);
  }
}

/** low[u][set] = start[u] + the changes of the players in the set. */
function lowSums(game: Game, start: usize, b: usize, units: i32, players: i32): void {
  const lanes = (<usize>1) << players;
  for (let u: usize = 0; u < <usize>units; u++) {
    const sums = <usize>game.low + ((u * lanes) << 2);
    store<f32>(sums, load<f32>(start + (u << 2)));
    for (let player = 0; player < players; player++) {
      const at = (<usize>load<i32>(<usize>game.players + ((<usize>player) << 2)) * <usize>units + u) << 2;
      const change = load<f32>(<usize>game.x + at) - load<f32>(b + at);
      const half = (<usize>1) << player;
      if (half < 4) {
        for (let set: usize = 0; set < half; set++) store<f32>(sums + ((half + set) << 2), load<f32>(sums + (set << 2)) + change);
      } else {
        for (let at = sums, end = sums + (half << 2); at < end; at += 16)
          v128.store(at + (half << 2), f32x4.add(v128.load(at), f32x4.splat(change)));
      }
    }
  }
}

// The exponential of a sum is a product: a sigmoid or tanh of low + shift takes one multiplication and one division per coalition where both
// exponentials are within float32. Units with a sum beyond that are computed as they stand; a NaN there marks them.
const FARTHEST: f32 = 80;

/** e^(-2 low) for tanh, e^-low for the sigmoid; NaN for a unit with a sum beyond +-80 times the factor. */
function lowPowers(layer: Layer, game: Game, units: i32, lanes: i32): void {
  const factor: f32 = layer.activation == Activation.Tanh ? -2 : -1;
  let low = <usize>game.low;
  let to = <usize>game.powers;
  for (let u = 0; u < units; u++) {
    let most = f32x4.splat(0);
    for (let lane = 0; lane < lanes; lane += 4, low += 16, to += 16) {
      const x = f32x4.mul(v128.load(low), f32x4.splat(factor));
      most = f32x4.max(most, f32x4.abs(x));
      v128.store(to, exp(x));
    }
    if (!v128.any_true(f32x4.gt(most, f32x4.splat(FARTHEST))) && !v128.any_true(f32x4.ne(most, most))) continue;
    store<f32>(to - ((<usize>lanes) << 2), NaN);
  }
}

/** The first layer's activations: 1 / (1 + e^-z), or 2 / (1 + e^-2z) - 1, at z = low + shift. */
function curve(layer: Layer, game: Game, shift: usize, units: i32, lanes: i32): void {
  const one = f32x4.splat(1);
  const isTanh = layer.activation == Activation.Tanh;
  const factor: f32 = isTanh ? -2 : -1;
  const times = f32x4.splat(isTanh ? 2 : 1);
  const minus = f32x4.splat(isTanh ? 1 : 0);
  const width = (<usize>lanes) << 2;
  let y = <usize>game.front;
  let low = <usize>game.low;
  let power = <usize>game.powers;
  for (let u = 0; u < units; u++, shift += 4, y += width, low += width, power += width) {
    const x = factor * load<f32>(shift);
    const first = load<f32>(power);
    if (first != first || !(abs(x) <= FARTHEST)) {
      const lanewise = Lanewise.of(layer, lanes);
      if (isTanh) lanewise.over<Tanh>(y, low, shift, 1);
      else lanewise.over<Sigmoid>(y, low, shift, 1);
      continue;
    }
    const high = exp(f32x4.splat(x));
    for (let at: usize = 0; at < width; at += 16) {
      const e = f32x4.mul(v128.load(power + at), high);
      v128.store(y + at, f32x4.sub(f32x4.div(times, f32x4.add(one, e)), minus));
    }
  }
}

/** y[u][lane] = f(z[u][lane] + shift[u]); no shift where it is 0. */
function activate(layer: Layer, y: usize, z: usize, shift: usize, units: i32, lanes: i32): void {
  const id = layer.activation;
  if (id == Activation.Identity && y == z && shift == 0) return;
  const lanewise = Lanewise.of(layer, lanes);
  if (id == Activation.Prelu) lanewise.over<LeakyRelu>(y, z, shift, units);
  else sweepRule<Lanewise>(id, lanewise, y, z, shift, units);
}

/** A layer, seen as the sweep y[u][lane] = f(z[u][lane] + shift[u]) over its units, the coalitions of each side by side. */
@unmanaged
@final
class Lanewise {
  layer: usize;
  lanes: i32;

  /** The one there is: this module has one thread. */
  static of(layer: Layer, lanes: i32): Lanewise {
    const lanewise = changetype<Lanewise>(LANEWISE);
    lanewise.layer = changetype<usize>(layer);
    lanewise.lanes = lanes;
    return lanewise;
  }

  over<R extends Rule>(y: usize, z: usize, shift: usize, units: i32): void {
    const layer = changetype<Layer>(this.layer);
    const rule = changetype<R>(0);
    const a = f32x4.splat(layer.a);
    const b = f32x4.splat(layer.b);
    const width = (<usize>this.lanes) << 2;
    for (let u: usize = 0; u < <usize>units; u++) {
      const add = f32x4.splat(shift == 0 ? <f32>0 : load<f32>(shift + (u << 2)));
      const end = z + width;
      for (; z < end; z += 16, y += 16) v128.store(y, rule.value(f32x4.add(v128.load(z), add), a, b));
    }
  }
}

const LANEWISE = memory.data(offsetof<Lanewise>());

/** y[o][lane] = bias[o] + sum over i, ascending, of x[i][lane] w[i][o]: four units and two vectors of lanes at a time. */
function products(y: usize, x: usize, layer: Layer, lanes: i32): void {
  const inputs = layer.inputs;
  const units = layer.units;
  const width = (<usize>lanes) << 2;
  let o = 0;
  if (lanes >= 8) for (; o + 4 <= units; o += 4) fourUnits(y + <usize>o * width, x, layer, o, width);
  for (; o < units; o++) {
    let lane: usize = 0;
    for (; lane + 64 <= width; lane += 64) oneUnit(y + <usize>o * width + lane, x + lane, layer, o, width);
    for (; lane < width; lane += 16) {
      let sum = v128.load32_splat(layer.bias + ((<usize>o) << 2));
      let w = <usize>layer.weights + ((<usize>o) << 2);
      let at = x + lane;
      for (let i = 0; i < inputs; i++, w += (<usize>units) << 2, at += width)
        sum = f32x4.add(sum, f32x4.mul(v128.load(at), v128.load32_splat(w)));
      v128.store(y + <usize>o * width + lane, sum);
    }
  }
}

/** One unit, 16 lanes. */
// @ts-ignore: decorator
@inline
function oneUnit(y: usize, x: usize, layer: Layer, o: i32, width: usize): void {
  const start = v128.load32_splat(layer.bias + ((<usize>o) << 2));
  let s0 = start;
  let s1 = start;
  let s2 = start;
  let s3 = start;
  let w = <usize>layer.weights + ((<usize>o) << 2);
  const step = (<usize>layer.units) << 2;
  for (let i = 0, n = layer.inputs; i < n; i++, w += step, x += width) {
    const weight = v128.load32_splat(w);
    s0 = f32x4.add(s0, f32x4.mul(v128.load(x), weight));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(x, 16), weight));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(x, 32), weight));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(x, 48), weight));
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
}

/** Four units, all lanes, 8 at a time. */
function fourUnits(y: usize, x: usize, layer: Layer, o: i32, width: usize): void {
  const step = (<usize>layer.units) << 2;
  const bias = <usize>layer.bias + ((<usize>o) << 2);
  for (let lane: usize = 0; lane < width; lane += 32) {
    let a0 = v128.load32_splat(bias);
    let b0 = v128.load32_splat(bias, 4);
    let c0 = v128.load32_splat(bias, 8);
    let d0 = v128.load32_splat(bias, 12);
    let a1 = a0;
    let b1 = b0;
    let c1 = c0;
    let d1 = d0;
    let w = <usize>layer.weights + ((<usize>o) << 2);
    let at = x + lane;
    for (let i = 0, n = layer.inputs; i < n; i++, w += step, at += width) {
      const x0 = v128.load(at);
      const x1 = v128.load(at, 16);
      let weight = v128.load32_splat(w);
      a0 = f32x4.add(a0, f32x4.mul(x0, weight));
      a1 = f32x4.add(a1, f32x4.mul(x1, weight));
      weight = v128.load32_splat(w, 4);
      b0 = f32x4.add(b0, f32x4.mul(x0, weight));
      b1 = f32x4.add(b1, f32x4.mul(x1, weight));
      weight = v128.load32_splat(w, 8);
      c0 = f32x4.add(c0, f32x4.mul(x0, weight));
      c1 = f32x4.add(c1, f32x4.mul(x1, weight));
      weight = v128.load32_splat(w, 12);
      d0 = f32x4.add(d0, f32x4.mul(x0, weight));
      d1 = f32x4.add(d1, f32x4.mul(x1, weight));
    }
    const to = y + lane;
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to + width, b0);
    v128.store(to + width, b1, 16);
    v128.store(to + 2 * width, c0);
    v128.store(to + 2 * width, c1, 16);
    v128.store(to + 3 * width, d0);
    v128.store(to + 3 * width, d1, 16);
  }
}

/** z[column] becomes its share e^z / sum e^z over the outputs, or the logarithm of its odds, z - ln sum over the others of e^z. */
function softmax(z: usize, outputs: i32, lanes: i32, column: i32, answer: i32): void {
  const width = (<usize>lanes) << 2;
  const own = z + <usize>column * width;
  const odds = answer == Answer.LogOdds;
  for (let lane: usize = 0; lane < width; lane += 16) {
    let most = f32x4.splat(-Infinity);
    for (let o = 0; o < outputs; o++) if (!(odds && o == column)) most = f32x4.pmax(v128.load(z + <usize>o * width + lane), most);
    let sum = f32x4.splat(0);
    for (let o = 0; o < outputs; o++)
      if (!(odds && o == column)) sum = f32x4.add(sum, exp(f32x4.sub(v128.load(z + <usize>o * width + lane), most)));
    const value = f32x4.sub(v128.load(own + lane), most);
    v128.store(own + lane, odds ? f32x4.sub(value, log(sum)) : f32x4.div(exp(value), sum));
  }
}

/** worth[lane] += y[lane], in float64. */
function addTo(worth: usize, y: usize, lanes: i32): void {
  const end = y + ((<usize>lanes) << 2);
  for (; y < end; y += 16, worth += 32) {
    const four = v128.load(y);
    const upper = i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    v128.store(worth, f64x2.add(v128.load(worth), f64x2.promote_low_f32x4(four)));
    v128.store(worth, f64x2.add(v128.load(worth, 16), f64x2.promote_low_f32x4(upper)), 16);
  }
}
