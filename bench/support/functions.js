// Three functions that cost something and are no prices: a simulation of six parameters, one with kinks, one in worker threads that is waited for.

/** Share of people that were infected within 120 days: susceptible, exposed, infectious, removed, by Runge and Kutta with two steps a day. */
function everInfected({ contacts, latency, illness, seeded, immune, caution }) {
  let state = [1 - immune - seeded, 0, seeded];
  const plus = (a, k, t) => a.map((v, n) => v + t * k[n]);
  for (let step = 0; step < 240; step++) {
    const rate = contacts * (step >= 60 ? 1 - caution : 1);
    const slope = ([s, e, i]) => [-rate * s * i, rate * s * i - e / latency, e / latency - i / illness];
    const k1 = slope(state);
    const k2 = slope(plus(state, k1, 0.25));
    const k3 = slope(plus(state, k2, 0.25));
    const k4 = slope(plus(state, k3, 0.5));
    state = state.map((v, n) => v + (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]) / 12);
  }
  return 1 - immune - state[0];
}

/** A damped oscillation. */
export const oscillation = ({ damping, frequency, time }) => Math.exp(-damping * time) * Math.cos(frequency * time);

/** The same, after a moment: what worker threads import. */
export default async function waited(point) {
  await new Promise((resolve) => setImmediate(resolve));
  return oscillation(point);
}

export const machineFunctions = {
  'an epidemic, six parameters': {
    f: everInfected,
    tolerance: 0.04,
    domain: {
      contacts: [0.2, 0.6],
      latency: [2, 6],
      illness: [3, 8],
      seeded: [0.001, 0.02],
      immune: [0, 0.4],
      caution: [0, 0.5],
    },
  },
  'kinks on two lines': {
    f: ({ x, y }) => Math.abs(x - y) + 0.3 * Math.max(x + y - 1, 0),
    tolerance: 0.01,
    domain: { x: [0, 1], y: [0, 1] },
  },
  'an oscillation, in worker threads': {
    f: oscillation,
    module: new URL(import.meta.url),
    tolerance: 0.02,
    domain: { damping: [0, 1], frequency: [0, 6], time: [0, 2] },
  },
};
