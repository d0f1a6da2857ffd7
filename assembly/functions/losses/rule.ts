// What every loss of one output at a time says of itself.

/** value(y, t, a) of an output y against a target t, gradient(y, t, a) = d value / dy; a: the loss's own number. */
export interface Rule {
  value(y: v128, t: v128, a: v128): v128;
  gradient(y: v128, t: v128, a: v128): v128;
}
