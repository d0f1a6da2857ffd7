// A simulation with six parameters: who has been infected in the end, in a model of susceptible, exposed, infectious and removed people.

export interface Epidemic {
  /** New contacts infected per day by an infectious person, where everybody is susceptible. */
  readonly contacts: number;
  /** Days until one that was exposed becomes infectious. */
  readonly latency: number;
  /** Days of being infectious. */
  readonly illness: number;
  /** Share that is infectious at the start. */
  readonly seeded: number;
  /** Share that cannot be infected. */
  readonly immune: number;
  /** By how much contacts are cut once 30 days have passed. */
  readonly caution: number;
}

export const epidemicDomain = {
  contacts: [0.2, 0.6],
  latency: [2, 6],
  illness: [3, 8],
  seeded: [0.001, 0.02],
  immune: [0, 0.4],
  caution: [0, 0.5],
} as const;

/** Share that was infected within 120 days, by the method of Runge and Kutta with two steps a day. */
export function everInfected({ contacts, latency, illness, seeded, immune, caution }: Epidemic): number {
  let state: [number, number, number] = [1 - immune - seeded, 0, seeded];
  const h = 0.5;
  for (let step = 0; step < 240; step++) {
    const rate = contacts * (step >= 60 ? 1 - caution : 1);
    const slope = ([s, e, i]: [number, number, number]): [number, number, number] => [
      -rate * s * i,
      rate * s * i - e / latency,
      e / latency - i / illness,
    ];
    const plus = (a: typeof state, k: typeof state, t: number): typeof state => [
      a[0] + t * k[0],
      a[1] + t * k[1],
      a[2] + t * k[2],
    ];
    const k1 = slope(state);
    const k2 = slope(plus(state, k1, h / 2));
    const k3 = slope(plus(state, k2, h / 2));
    const k4 = slope(plus(state, k3, h));
    state = state.map((v, n) => v + (h / 6) * (k1[n]! + 2 * k2[n]! + 2 * k3[n]! + k4[n]!)) as typeof state;
  }
  return 1 - immune - state[0];
}
