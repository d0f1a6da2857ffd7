// What every activation says of itself.

// value(z, a, b) is f(z). derivative(s, a, b) is f'(z), where s is z for the rules of needsInput, else y = f(z). second(s, slope,
// a, b) is f''(z), from the same s and slope = f'(z): 0 where there is none.
// a and b are the rule's parameters, one value in all lanes. `this` is the layer, where a rule has more of them. eights(y, z, bytes), where a rule
// has it: value() of the numbers in so many bytes at z, a multiple of eight numbers, to y.
export interface Rule {
  value(z: v128, a: v128, b: v128): v128;
  derivative(s: v128, a: v128, b: v128): v128;
  second(s: v128, slope: v128, a: v128, b: v128): v128;
}
