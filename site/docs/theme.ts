// The theme before the first paint.

import { currentTheme, showTheme } from '../theme';

showTheme(currentTheme());
