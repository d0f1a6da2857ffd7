// Distance between two doubles, counted in representable numbers.

const view = new DataView(new ArrayBuffer(8));

/** Where x stands among all doubles in order: neighbours differ by 1, and -0 is 0. */
function ordinal(x: number): bigint {
  view.setFloat64(0, x);
  const pattern = view.getBigInt64(0);
  return pattern < 0n ? -(pattern & 0x7fffffffffffffffn) : pattern;
}

/** Units in the last place between a and b; 0 when both are NaN. */
export function ulps(a: number, b: number): number {
  if (a !== a || b !== b) return a !== a && b !== b ? 0 : Infinity;
  const difference = ordinal(a) - ordinal(b);
  return Number(difference < 0n ? -difference : difference);
}
