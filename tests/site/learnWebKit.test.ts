// The live pages in WebKit. Needs a build in dist.

import { driveLearnPages } from '../support/driveLearn.js';

driveLearnPages('WebKit');
