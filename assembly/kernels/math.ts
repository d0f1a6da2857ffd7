// Elementary functions on four lanes: exp, expm1, log, log1p, sigmoid, and the products that activations
// are made of (x times a sigmoid, and so on), each with its tails right. No tables, no branches, no data segment.
// All arithmetic rounds product and sum separately, so both binaries give the same bits. NaN stays NaN: pmin and pmax
// return their first argument when either is NaN, so the variable always comes first.
//
// Bounds are in units in the last place of the correctly rounded result, subnormals included. They were found over every
// float between 2^-12 and 2^8 in size and every 37th elsewhere; tests/assembly/math.test.ts sweeps some millions again. The
// polynomials are minimax fits with float32 coefficients.
// See: Muller, Elementary Functions, 3rd ed., ch. 3 (fits) and 11 (argument reduction);
// https://www.netlib.org/fdlibm/ (s_expm1.c, s_log1p.c)

import { mulAdd, select } from './lanes';

// Constants stand in memory. As v128.const an engine would build each one anew from two 64-bit immediates wherever it is
// used, some four instructions; a load is one. Measured on Node 20 and 24: exp 2.1 to 1.7 ns an element, tanh 3.4 to 2.5.
// memory.data reserves zeroed bytes below __heap_base and adds nothing to the binary; prepareMath() fills them.

export const SIGN = 0; // the sign bit
const COARSE = 1; // sign, exponent and the upper 11 bits of the mantissa
const EXPONENT = 2; // sign and exponent
export const ONE = 3;
export const HALF = 4;
export const TWO = 5;
const LOG2_E = 6;
export const TWICE_LOG2_E = 7;
// ln 2 in two pieces. The first has 15 bits, so n * LN2_HIGH is exact for |n| < 512, and so is x - n * LN2_HIGH.
export const LN2_HIGH = 8;
export const LN2_LOW = 9;
// Adding 1.5 * 2^23 rounds to a whole number n and leaves it in the low mantissa bits; a bias on top makes it an exponent.
export const ROUND_ONCE = 10; // + 127: the low bits shifted left by 23 are the float 2^n, -127 < n < 128
const ROUND_HALF = 11; // + 126: the same for 2^(n - 1)
const ROUND_TWICE = 12; // + 254: half of the low bits are 2^floor(n / 2), see lowPower
const POWERS = 13; // 254, as an integer
const HIGHEST = 14; // 120: beyond it and its negative nothing of e^x is left that a float32 could hold
const LOWEST = 15;
export const EXP = 16; // 5 coefficients, highest first, as in all that follow
const EXPM1_LOWEST = 21;
const EXPM1_HIGHEST = 22;
const EXPM1_TINY = 23;
const LOG = 24; // 8
const LOG_START = 32; // 0.75, as bits
const LOG_SMALLEST = 33; // the smallest normal float
const LOG_LIFT = 34; // 2^23
const LOG_LIFTED = 35; // 23
const INFINITE = 36;
const NEGATIVE_INFINITE = 37;
const NOT_A_NUMBER = 38;
const LOG1P_POWER = 39; // the bits of 4
const QUARTER = 40;
const NEGATIVE_ONE = 41;
export const TANH_HIGHEST = 42;
const SIGMOID_EARLY = 43;
const GELU_NUMERATOR = 44; // 5
const GELU_DENOMINATOR = 49; // 6
const GELU_LOWEST = 55;
const MILLS_NUMERATOR = 56; // 5
const MILLS_DENOMINATOR = 61; // 6
const READY = 67;

const constants = memory.data(68 * 4, 64);

/** Constant number i in all lanes. */
export function constant(i: i32): v128 {
  return v128.load32_splat(constants + ((<usize>i) << 2));
}

/** Fills in the constants, once per memory. Every function below relies on it; sweeps call it first. */
export function prepareMath(): void {
  if (!load<i32>(constants + (READY << 2))) fill();
}

function fill(): void {
  putBits(SIGN, 0x80000000);
  putBits(COARSE, 0xfffff000);
  putBits(EXPONENT, 0xff800000);
  put3(ONE, 1, 0.5, 2);
  put2(LOG2_E, 1.44269504, 2.88539008);
  put2(LN2_HIGH, 0.693145751953125, 1.428606765330187e-6);
  put3(ROUND_ONCE, 12582912 + 127, 12582912 + 126, 12582912 + 254);
  putBits(POWERS, 254);
  put2(HIGHEST, 120, -120);
  put2(EXP, 0.00138209877, 0.00836867001);
  put3(EXP + 2, 0.0416682623, 0.166665211, 0.49999994);
  put3(EXPM1_LOWEST, -30, 89, 5.9604645e-8);
  put2(LOG, -0.0450756811, 0.104648851);
  put3(LOG + 2, -0.131629914, 0.144786566, -0.166471153);
  put3(LOG + 5, 0.199908137, -0.250001013, 0.333334506);
  put3(LOG_START, 0.75, 1.17549435e-38, 8388608);
  put3(LOG_LIFTED, 23, Infinity, -Infinity);
  put2(NOT_A_NUMBER, NaN, 4);
  put2(QUARTER, 0.25, -1);
  put2(TANH_HIGHEST, 10, -8);
  put2(GELU_NUMERATOR, -0.00386835635, -0.0144646997);
  put3(GELU_NUMERATOR + 2, -0.0209881626, 0.0686945021, 0.202115268);
  put3(GELU_DENOMINATOR, 0.017132422, 0.139938489, 0.598981857);
  put3(GELU_DENOMINATOR + 3, 1.44240081, 1.91474867, 1);
  put(GELU_LOWEST, -15);
  put2(MILLS_NUMERATOR, 0.0041190139, 0.0406670198);
  put3(MILLS_NUMERATOR + 2, 0.183358833, 0.438498467, 0.5);
  put3(MILLS_DENOMINATOR, 0.0103247222, 0.101943366, 0.46979019);
  put3(MILLS_DENOMINATOR + 3, 1.20307577, 1.67488182, 1);
  putBits(READY, 1);
}

function put(i: i32, value: f32): void {
  store<f32>(constants + ((<usize>i) << 2), value);
}

function put2(i: i32, first: f32, second: f32): void {
  put(i, first);
  put(i + 1, second);
}

function put3(i: i32, first: f32, second: f32, third: f32): void {
  put(i, first);
  put2(i + 1, second, third);
}

function putBits(i: i32, bits: i32): void {
  store<i32>(constants + ((<usize>i) << 2), bits);
}

/** y x + constant i. */
export function next(y: v128, x: v128, i: i32): v128 {
  return mulAdd(y, x, constant(i));
}

/** The polynomial of degree 4 in x whose coefficients start at i, by Horner's rule. */
function quartic(i: i32, x: v128): v128 {
  return next(next(next(next(constant(i), x, i + 1), x, i + 2), x, i + 3), x, i + 4);
}

/** x where |x| <= HIGHEST, else the nearer end. */
function bounded(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, constant(LOWEST)), constant(HIGHEST));
}

/** -|x|. */
function negativeAbs(x: v128): v128 {
  return v128.or(x, constant(SIGN));
}

/** y with the sign of x, for y >= 0. */
export function withSign(y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, constant(SIGN)));
}

/** e^r - 1 for r = high - low, |r| <= 0.36: r + r^2 q(r), summed so that `high` is rounded once. */
function expm1Near0(high: v128, low: v128): v128 {
  const r = f32x4.sub(high, low);
  return f32x4.add(high, f32x4.sub(f32x4.mul(f32x4.mul(r, r), quartic(EXP, r)), low));
}

/** n = round(x / ln 2), with the constant `round` still added: the bits hold n, the value minus `round` is n. */
function shiftedPower(x: v128, round: i32): v128 {
  return next(x, constant(LOG2_E), round);
}

/** e^(x - n ln 2) - 1, n from shiftedPower(x, round). */
export function expm1Rest(x: v128, shifted: v128, round: i32): v128 {
  const n = f32x4.sub(shifted, constant(round));
  return expm1Near0(f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH))), f32x4.mul(n, constant(LN2_LOW)));
}

// 2^n as 2^floor(n/2) * 2^ceil(n/2), from shiftedPower(x, ROUND_TWICE): each factor is a normal float for |n| <= 250, and
// multiplying by the second one last rounds a subnormal result once.

function lowPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.shr_u(shifted, 1), 23);
}

function highPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.sub(shifted, i32x4.shr_u(shifted, 1)), 23);
}

/** 1 / highPower. */
function inverseHighPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.sub(constant(POWERS), i32x4.sub(shifted, i32x4.shr_u(shifted, 1))), 23);
}

/** e^x. Error <= 0.9 ulp, gradual underflow; 0 below -103.98, Infinity above 88.72. */
export function exp(x: v128): v128 {
  const c = bounded(x);
  const shifted = shiftedPower(c, ROUND_TWICE);
  const scaled = f32x4.mul(f32x4.add(expm1Rest(c, shifted, ROUND_TWICE), constant(ONE)), lowPower(shifted));
  return f32x4.mul(scaled, highPower(shifted));
}

/** e^x - 1. Error <= 1.7 ulp; -0 stays. */
export function expm1(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, constant(EXPM1_LOWEST)), constant(EXPM1_HIGHEST));
  const shifted = shiftedPower(c, ROUND_HALF);
  const half = i32x4.shl(shifted, 23); // 2^(n - 1), finite even for the largest n
  const y = mulAdd(half, expm1Rest(c, shifted, ROUND_HALF), f32x4.sub(half, constant(HALF)));
  const tiny = f32x4.lt(f32x4.abs(x), constant(EXPM1_TINY)); // 2^-24: half a subnormal would not be exact
  return select(tiny, x, f32x4.add(y, y));
}

/** k ln 2 + log(1 + m), -0.25 <= m < 0.5. */
function logSum(k: v128, m: v128): v128 {
  const q = next(next(next(quartic(LOG, m), m, LOG + 5), m, LOG + 6), m, LOG + 7);
  const m2 = f32x4.mul(m, m);
  const curve = f32x4.sub(f32x4.mul(f32x4.mul(m2, m), q), f32x4.mul(m2, constant(HALF)));
  const low = mulAdd(k, constant(LN2_LOW), curve);
  return mulAdd(k, constant(LN2_HIGH), f32x4.add(m, low));
}

/** The exponent k, as k << 23, that brings x * 2^-k into [0.75, 1.5). */
function exponentBits(x: v128): v128 {
  return v128.and(i32x4.sub(x, constant(LOG_START)), constant(EXPONENT));
}

function exponentOf(bits: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
}

/** Natural logarithm. Error <= 0.94 ulp, subnormals included; -Infinity at 0, NaN below. */
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(LOG_SMALLEST));
  const lifted = f32x4.mul(x, select(subnormal, constant(LOG_LIFT), constant(ONE))); // times 2^23
  const bits = exponentBits(lifted);
  const k = f32x4.sub(exponentOf(bits), v128.and(subnormal, constant(LOG_LIFTED)));
  const y = logSum(k, f32x4.sub(i32x4.sub(lifted, bits), constant(ONE)));
  const inner = select(f32x4.lt(x, constant(INFINITE)), y, x);
  const outer = select(f32x4.eq(x, f32x4.splat(0)), constant(NEGATIVE_INFINITE), constant(NOT_A_NUMBER));
  return select(f32x4.le(x, f32x4.splat(0)), outer, inner);
}

/** log(1 + x) for finite x > -1. */
function log1pInside(x: v128): v128 {
  const bits = exponentBits(f32x4.add(x, constant(ONE)));
  // m = x 2^-k + (2^-k - 1), never through the rounded 1 + x. 4 * 2^-k stays a normal float for every k.
  const power = i32x4.sub(constant(LOG1P_POWER), bits);
  const m = f32x4.add(i32x4.sub(x, bits), f32x4.sub(f32x4.mul(power, constant(QUARTER)), constant(ONE)));
  return logSum(exponentOf(bits), m);
}

/** log(1 + x). Error <= 0.94 ulp; -0 stays; -Infinity at -1, NaN below. */
export function log1p(x: v128): v128 {
  const signed = select(f32x4.eq(x, f32x4.splat(0)), x, log1pInside(x));
  const inner = select(f32x4.lt(x, constant(INFINITE)), signed, x);
  const outer = select(f32x4.eq(x, constant(NEGATIVE_ONE)), constant(NEGATIVE_INFINITE), constant(NOT_A_NUMBER));
  return select(f32x4.le(x, constant(NEGATIVE_ONE)), outer, inner);
}

// sigmoid(x) = 1 / (1 + e^-x). With e^-x = low * high * (1 + fraction) the quotient is
// (1 / high) / (low * fraction + (low + 1 / high)): one rounding for the whole denominator, and no overflow before the end.

/** 1 / (1 + e^-x). Error <= 1.7 ulp, gradual underflow. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const exponent = bounded(f32x4.neg(x));
  const shifted = shiftedPower(exponent, ROUND_TWICE);
  const low = lowPower(shifted);
  const inverse = inverseHighPower(shifted);
  // Where 1 / high is about 2^-24 of low their sum would round badly: there it joins the small summand.
  const early = v128.and(inverse, f32x4.lt(x, constant(SIGMOID_EARLY)));
  const late = f32x4.sub(inverse, early);
  const small = mulAdd(low, expm1Rest(exponent, shifted, ROUND_TWICE), early);
  return f32x4.div(inverse, f32x4.add(small, f32x4.add(low, late)));
}

/** x / (1 + e^-x) from the pieces of e^-x. */
function overOnePlus(x: v128, fraction: v128, shifted: v128): v128 {
  const low = lowPower(shifted);
  const inverse = inverseHighPower(shifted);
  return f32x4.mul(f32x4.div(x, mulAdd(low, fraction, f32x4.add(low, inverse))), inverse);
}

/** x sigmoid(x). Error <= 2.5 ulp; -0 at -Infinity. */
export function silu(x: v128): v128 {
  const above = f32x4.pmax(x, constant(LOWEST));
  const exponent = f32x4.neg(f32x4.pmin(above, constant(HIGHEST)));
  const shifted = shiftedPower(exponent, ROUND_TWICE);
  return overOnePlus(above, expm1Rest(exponent, shifted, ROUND_TWICE), shifted);
}

/** -2 sqrt(2 / pi) (x + 0.044715 x^3) for two lanes in float64: in float32 its rounding would be 50 ulp in the tail. */
function geluExponent(x: v128): v128 {
  const slope = f64x2.add(f64x2.mul(f64x2.mul(x, x), f64x2.splat(-0.07135481627260025)), f64x2.splat(-1.5957691216057308));
  return f64x2.mul(x, slope);
}

const ROUND_TWICE_WIDE: f64 = 6755399441055744 + 254; // ROUND_TWICE in float64: 1.5 * 2^52

function shiftedPowerWide(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(ROUND_TWICE_WIDE));
}

/** x - n ln 2, as two float32. */
function restWide(x: v128, shifted: v128): v128 {
  const n = f64x2.sub(shifted, f64x2.splat(ROUND_TWICE_WIDE));
  return f32x4.demote_f64x2_zero(f64x2.sub(x, f64x2.mul(n, f64x2.splat(0.6931471805599453))));
}

/** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2. Error <= 2.7 ulp; -0 at -Infinity. */
export function geluTanh(x: v128): v128 {
  const above = f32x4.pmax(x, f32x4.splat(-12));
  const c = f32x4.pmin(above, f32x4.splat(12));
  const first = geluExponent(f64x2.promote_low_f32x4(c));
  const second = geluExponent(f64x2.promote_low_f32x4(i64x2.shuffle(c, c, 1, 0)));
  const firstShifted = shiftedPowerWide(first);
  const secondShifted = shiftedPowerWide(second);
  const rest = i64x2.shuffle(restWide(first, firstShifted), restWide(second, secondShifted), 0, 2);
  const shifted = i32x4.shuffle(firstShifted, secondShifted, 0, 2, 4, 6);
  return overOnePlus(above, expm1Near0(rest, f32x4.splat(0)), shifted);
}

/** x (1 + erf(x / sqrt 2)) / 2. Error <= 2.7 ulp. */
export function gelu(x: v128): v128 {
  // gelu(x) = max(x, 0) + g, g = gelu(-a), a = |x|; g = -a Q(a), Q the upper tail of the normal distribution,
  // Q(a) = e^(-a^2 / 2 + L(a)) / (2 + 2 a). L lies in [-0.23, 0] and joins the exponent, so that its error hardly counts.
  const c = f32x4.pmax(negativeAbs(x), constant(GELU_LOWEST)); // g underflows from 14.3 on
  const a = f32x4.neg(c);
  const denominator = next(quartic(GELU_DENOMINATOR, a), a, GELU_DENOMINATOR + 5);
  const logarithm = f32x4.div(f32x4.mul(quartic(GELU_NUMERATOR, a), a), denominator);
  // c^2 = coarse^2 + (c - coarse)(c + coarse): the first is exact when coarse has 12 bits.
  const coarse = v128.and(c, constant(COARSE));
  const high = f32x4.neg(f32x4.mul(f32x4.mul(coarse, coarse), constant(HALF)));
  const rest = f32x4.mul(f32x4.mul(f32x4.sub(c, coarse), f32x4.add(c, coarse)), constant(HALF));
  const low = f32x4.sub(logarithm, rest);
  const shifted = shiftedPower(f32x4.add(high, low), ROUND_TWICE);
  const n = f32x4.sub(shifted, constant(ROUND_TWICE));
  const fraction = expm1Near0(f32x4.sub(high, f32x4.mul(n, constant(LN2_HIGH))), f32x4.sub(f32x4.mul(n, constant(LN2_LOW)), low));
  const quotient = f32x4.div(f32x4.mul(c, constant(HALF)), f32x4.add(a, constant(ONE)));
  const scaled = f32x4.mul(quotient, lowPower(shifted));
  const g = f32x4.mul(mulAdd(scaled, fraction, scaled), highPower(shifted));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), g);
}

/** The upper tail of the normal distribution over e^(-a^2 / 2), for 0 <= a <= 15. Relative error <= 5e-7. */
export function millsRatio(a: v128): v128 {
  return f32x4.div(quartic(MILLS_NUMERATOR, a), next(quartic(MILLS_DENOMINATOR, a), a, MILLS_DENOMINATOR + 5));
}

/** log(1 + e^x). Error <= 1.7 ulp, gradual underflow. */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1pInside(exp(negativeAbs(x))));
}

/** x tanh(log(1 + e^x)). Error <= 3.6 ulp; -0 at -Infinity. */
export function mish(x: v128): v128 {
  const c = f32x4.pmax(negativeAbs(x), constant(LOWEST));
  const shifted = shiftedPower(c, ROUND_TWICE);
  const scaled = f32x4.mul(f32x4.add(expm1Rest(c, shifted, ROUND_TWICE), constant(ONE)), lowPower(shifted));
  const high = highPower(shifted);
  const e = f32x4.mul(scaled, high); // e^-|x|
  // tanh(log(1 + e^x)) = 1 - 2 e^2 / (1 + 2 e + 2 e^2) for x >= 0, e (1 - (e + e^2) / (2 + 2 e + e^2)) for x < 0.
  const negative = f32x4.lt(x, f32x4.splat(0));
  const e2 = f32x4.mul(e, e);
  const numerator = f32x4.add(e2, select(negative, e, e2));
  const denominator = f32x4.add(numerator, f32x4.add(f32x4.add(e, constant(ONE)), select(negative, constant(ONE), e)));
  const factor = f32x4.sub(constant(ONE), f32x4.div(numerator, denominator));
  // For x < 0 the result is x e factor; e's second power of two comes last, for the tail.
  const product = f32x4.mul(select(negative, f32x4.mul(c, scaled), x), factor);
  return f32x4.mul(product, select(negative, high, constant(ONE)));
}
