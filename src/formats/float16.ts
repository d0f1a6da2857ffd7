// Half precision (IEEE 754 binary16): 1 sign, 5 exponent (bias 15), 10 fraction.

/** The value of 16 bits. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const view = new DataView(new ArrayBuffer(8));

/** The 16 bits nearest to a number, of two equally near the even ones: rounded once, from 65520 on infinity. */
export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (!(size < 65520)) return size !== size ? 0x7e00 : sign | 0x7c00;
  view.setFloat64(0, size);
  // Numbers below 2^-14 are spaced as those from there to 2^-13 are.
  const exponent = Math.max(-14, (view.getUint32(0) >>> 20) - 1023);
  view.setUint32(0, (exponent + 1023 - 10) << 20);
  view.setUint32(4, 0);
  const whole = size / view.getFloat64(0) + 2 ** 52 - 2 ** 52; // in steps of the fraction, rounded to even
  return sign | ((exponent + 14) * 1024 + whole);
}
