// Light or dark: what somebody chose, and what the system says until then. One choice for all pages of the site.

export type Theme = 'light' | 'dark';

const key = 'feedforward-theme';

/** The system's, which may change while a page is open. */
export const dark = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen on any page. */
export function chosenTheme(): Theme | undefined {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined; // pages opened from a folder may have no storage
  }
}

export const currentTheme = (): Theme => chosenTheme() ?? (dark.matches ? 'dark' : 'light');

/** The style sheets go by this attribute. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // as above
  }
}

/** A colour of the style sheet as red, green, blue. */
export function themeColour(name: string): [number, number, number] {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
