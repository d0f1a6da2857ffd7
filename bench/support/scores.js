// Scores of configurations that were trained several times.

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** Whether scores of a configuration are as good as those of another: no lower in the mean than by the standard error of their differences. */
export function asGood(own, other) {
  const gains = own.map((score, i) => score - other[i]);
  const gain = mean(gains);
  const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / (gains.length - 1);
  return gain >= -Math.sqrt(variance / gains.length);
}
