// Light or dark as the page is now, for what is painted and not styled.

import { signal } from '@preact/signals';

const read = () => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

/** Changes when the reader chooses the other theme. */
export const theme = signal<'light' | 'dark'>(read());
new MutationObserver(() => {
  theme.value = read();
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });

/** Whether people asked for pages that do not move by themselves. */
export const isStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
