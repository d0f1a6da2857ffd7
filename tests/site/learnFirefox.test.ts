// The live pages in Firefox. Needs a build in dist.

import { driveLearnPages } from '../support/driveLearn.js';

driveLearnPages('Firefox');
