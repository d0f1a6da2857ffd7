// Skeletons are written once, as TypeScript whose types stand between ‹ and ›: without them they are JavaScript.

import type { Lab } from './lab.js';

/** What a student writes in. */
export type Language = 'javascript' | 'typescript';

/**
 * The text of the file that a student starts from: functions with gaps to fill in, and what they should do.
 *
 * @example
 * import { labs, skeletonOf } from 'feedforward/labs';
 * skeletonOf(labs[0]!, 'typescript').includes('interface Layer');  // true
 */
export function skeletonOf({ skeleton }: Lab, language: Language): string {
  return language === 'typescript' ? skeleton.replace(/[‹›]/g, '') : skeleton.replace(/‹[^›]*›/g, '');
}
