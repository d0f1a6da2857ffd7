/**
 * feedforward/labs: the labs of the command `feedforward lab`, for pages and notebooks that check what a student wrote. Knows nothing of files or terminals.
 * @module
 */

export { labs } from '../labs/lessons/labs.js';
export { brokenOff, checkLab, type CheckOptions, type CheckVerdict, type Failure, type Verdict } from '../labs/checkLab.js';
export { skeletonOf, type Language } from '../labs/skeleton.js';
export type { Case, Check, Expected, Lab, Mistake, Quantity } from '../labs/lab.js';
export type { StudentModule, Surroundings } from '../labs/student.js';
