// Light or dark, as the system says until somebody chooses.

import { effect, signal } from '@preact/signals';
import { classColours, themeColour } from './canvas';
import { usePalette } from './state';

export type Theme = 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const key = 'feedforward-theme';

function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined; // pages opened from a folder may have no storage
  }
}

export const theme = signal<Theme>(stored() ?? (dark.matches ? 'dark' : 'light'));
dark.addEventListener('change', () => {
  if (stored() === undefined) theme.value = dark.matches ? 'dark' : 'light';
});

export function chooseTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // as above
  }
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  usePalette({ ground: themeColour('--card'), classes: classColours.map(themeColour) });
});
