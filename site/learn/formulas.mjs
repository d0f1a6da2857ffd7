// Formulas in Markdown: $x$ in a line, $$x$$ as a paragraph, typeset by KaTeX while the site is built: HTML to look at, MathML to be read aloud.

import katex from 'katex';

export const formula = (text, displayMode = false) =>
  katex.renderToString(text, { displayMode, throwOnError: true, strict: 'error' });

/** A plugin of markdown-it: formulas on pages whose data say `formulas: true`. */
export function formulas(md) {
  md.inline.ruler.before('escape', 'formula', (state, silent) => {
    if (!state.env.formulas || state.src[state.pos] !== '$') return false;
    const display = state.src[state.pos + 1] === '$';
    const mark = display ? '$$' : '$';
    const start = state.pos + mark.length;
    const end = state.src.indexOf(mark, start);
    if (end < 0) return false;
    if (!silent) state.push('formula', '', 0).meta = { display, text: state.src.slice(start, end) };
    state.pos = end + mark.length;
    return true;
  });
  md.renderer.rules.formula = (tokens, i) => {
    const { text, display } = tokens[i].meta;
    const html = formula(text.trim(), display);
    // What may be wider than a phone can be scrolled by keys.
    return display ? html.replace('<span class="katex-display"', '<span class="katex-display" tabindex="0"') : html;
  };
}
