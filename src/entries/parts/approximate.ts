// The public names of what replaces costly functions.

export { approximate } from '../../approximate/approximate.js';
export { Approximation, type Points } from '../../approximate/approximation.js';
export type { Certificate } from '../../approximate/certificate.js';
export type { ChebyshevForecast } from '../../approximate/chebyshev.js';
export type {
  Answer,
  ApproximateOptions,
  ApproximationProgress,
  CostlyFunction,
  FunctionModule,
  Gradient,
} from '../../approximate/options.js';
export type { NamedPoint } from '../../data/domain.js';
