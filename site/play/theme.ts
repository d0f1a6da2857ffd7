// Light or dark, for the style sheet and for the pictures of the worker.

import { effect, signal } from '@preact/signals';
import { chosenTheme, currentTheme, dark, keepTheme, showTheme, themeColour, type Theme } from '../theme';
import { classColours } from './canvas';
import { usePalette } from './state';

export const theme = signal<Theme>(currentTheme());
dark.addEventListener('change', () => {
  if (chosenTheme() === undefined) theme.value = currentTheme();
});

export function chooseTheme(next: Theme): void {
  theme.value = next;
  keepTheme(next);
}

effect(() => {
  showTheme(theme.value);
  usePalette({ ground: themeColour('--card'), classes: classColours.map(themeColour) });
});
