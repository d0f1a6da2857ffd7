// What pages do beyond being read: search, theme, copy, and blocks that run.

import { loadScript } from '../loadScript';
import { startSearch } from './searchField';
import { keepTheme, showTheme } from '../theme';

/** The site's own address, wherever this page is in it. */
const top = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, '');

const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T | null;

startSearch(top);

// ---- theme -------------------------------------------------------------------------------------------------------------

part('theme')?.addEventListener('click', () => {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  showTheme(next);
  keepTheme(next);
});

// ---- copy as Markdown ------------------------------------------------------------------------------------------------------

const copy = part<HTMLButtonElement>('copy');
const source = document.querySelector<HTMLAnchorElement>('.tools a');
if (copy !== null && source !== null && location.protocol !== 'file:') {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const text = await (await fetch(source.href)).text();
    await navigator.clipboard.writeText(text);
    copy.textContent = 'copied';
  });
}

// ---- blocks that run -------------------------------------------------------------------------------------------------------

let library: Promise<void> | undefined;
type Run = (feedforward: unknown, console: Pick<Console, 'log'>) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...text: string[]) => Run;

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (ArrayBuffer.isView(value)) return `[ ${Array.from(value as Float32Array).join(', ')} ]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
};

for (const block of document.querySelectorAll<HTMLPreElement>('pre[data-run]')) {
  const output = Object.assign(document.createElement('pre'), { className: 'output', hidden: true, tabIndex: 0 });
  output.setAttribute('aria-live', 'polite');
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'chip run', textContent: 'run' });
  button.addEventListener('click', async () => {
    button.disabled = true;
    output.hidden = false;
    output.textContent = '…';
    const lines: string[] = [];
    try {
      library ??= loadScript(`${top}feedforward.global.min.js`);
      await library;
      const text = block.textContent!.replace(
        /import \{([^}]*)\} from 'feedforward';?/g,
        (_, names: string) => `const {${names.replace(/ as /g, ': ')}} = feedforward;`,
      );
      await new AsyncFunction('feedforward', 'console', text)((globalThis as { feedforward?: unknown }).feedforward, {
        log: (...values: unknown[]) => {
          lines.push(values.map(shown).join(' '));
          output.textContent = lines.join('\n');
        },
      });
      if (lines.length === 0) output.textContent = 'Done.';
    } catch (error) {
      output.textContent = [...lines, String(error)].join('\n');
    }
    button.disabled = false;
  });
  block.after(button, output);
}
