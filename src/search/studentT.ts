// Student's t distribution with a whole number of degrees of freedom, by finite sums of + - * / and sqrt: the same bits on every engine.

/** The probability that a t variable of `freedom` degrees exceeds t. See: Abramowitz & Stegun 26.7.3 and 26.7.4. */
export function studentAbove(t: number, freedom: number): number {
  if (t < 0) return 1 - studentAbove(-t, freedom);
  if (t === Infinity) return 0;
  const tangent = t / Math.sqrt(freedom);
  const cosine2 = 1 / (1 + tangent * tangent);
  const cosine = Math.sqrt(cosine2);
  const sine = tangent * cosine;
  const odd = freedom % 2 === 1;
  // 1 + c^2 / 2 + 1 3 c^4 / (2 4) + … for an even number of degrees; c + 2 c^3 / 3 + 2 4 c^5 / (3 5) + … for an odd one.
  let term = odd ? cosine : 1;
  let sum = freedom > 1 ? term : 0;
  for (let n = odd ? 2 : 1; n < freedom - 2; n += 2) {
    term *= (cosine2 * n) / (n + 1);
    sum += term;
  }
  const between = odd ? (arcTangent(tangent) + sine * sum) / (Math.PI / 2) : sine * sum;
  return Math.max(0, (1 - between) / 2);
}

/** The angle from 0 to pi/2 of a tangent >= 0: halved three times, then its series. */
function arcTangent(tangent: number): number {
  let x = tangent;
  for (let i = 0; i < 3; i++) x = x === Infinity ? 1 : x / (1 + Math.sqrt(1 + x * x));
  let sum = 0;
  for (let n = 27; n >= 1; n -= 2) sum = 1 / n - x * x * sum;
  return 8 * x * sum;
}
