// The public names of what explains answers.

export { draw, type DrawOptions } from '../../explain/draw.js';
export { explain, type Explanation, type ExplainOptions } from '../../explain/explain.js';
export { interactions, type InteractionOptions, type Interactions } from '../../explain/interactions.js';
export {
  integratedGradients,
  type IntegratedGradients,
  type IntegratedGradientsOptions,
} from '../../explain/integratedGradients.js';
export {
  partialDependence,
  type GridValue,
  type PartialDependence,
  type PartialDependenceOptions,
} from '../../explain/partialDependence.js';
export type { Answering, Explainable, FeatureGroup, OutputOptions } from '../../explain/subject.js';
export { Rows64 } from '../../data/rows64.js';
