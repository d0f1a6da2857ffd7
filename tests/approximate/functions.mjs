// Functions that worker threads import.

/** A damped oscillation, after a moment: an answer that has to be waited for. */
export default async function oscillation({ damping, frequency, time }) {
  await new Promise((resolve) => setImmediate(resolve));
  return Math.exp(-damping * time) * Math.cos(frequency * time);
}

export const pair = ({ x }) => ({ value: [x * x, 3 * x], gradient: [[2 * x], [3]] });

export function failing({ x }) {
  if (x > 0.9) throw new RangeError('too far');
  return x;
}
