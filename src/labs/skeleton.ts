// Skeletons are written once, as TypeScript whose types stand between ‹ and ›: without them they are JavaScript.

import type { Lab } from './lab.js';

export type Language = 'javascript' | 'typescript';

/** The file that a student starts from. */
export function skeletonOf({ skeleton }: Lab, language: Language): string {
  return language === 'typescript' ? skeleton.replace(/[‹›]/g, '') : skeleton.replace(/‹[^›]*›/g, '');
}
