// Pictures for a page: Observable Plot draws them, axes and legends included, and they become SVG text of the page's own colours, with
// words for those who do not see them.

import type { PlotOptions } from '@observablehq/plot';
import { details, escaped, html, type Markup, type Piece } from './markup.js';
import type { AnyDocument, Peers, Plot } from './peers.js';

/** What a picture is called, and what it shows, in words. */
export interface PictureWords {
  /** What there is to see, for whoever cannot: a sentence with the figures that matter. */
  readonly alt: string;
  /** What it is, below the picture. */
  readonly caption: Piece;
  /** The figures as a table, to unfold. */
  readonly numbers?: Markup | undefined;
}

/** The colours of a page by what they mean: variables of its style sheet, so that light and dark are the reader's choice. */
export const ink = {
  first: 'var(--c1)',
  second: 'var(--c2)',
  third: 'var(--c3)',
  fourth: 'var(--c4)',
  quiet: 'var(--quiet)',
  text: 'currentColor',
  paper: 'var(--paper)',
} as const;

/** Width of a picture in pixels; half a page, and all of a phone. */
const width = 440;
const height = 280;

/** Draws the pictures of one page. */
export class Drawing {
  readonly plot: Plot;
  private readonly document: AnyDocument;

  constructor({ plot, document }: Peers) {
    this.plot = plot;
    this.document = document;
  }

  /** A figure of the page. `options` are those of Plot.plot. */
  picture(options: PlotOptions, { alt, caption, numbers }: PictureWords): Markup {
    const drawn = this.plot.plot({
      ...{ document: this.document, className: 'plot', width, height, marginLeft: 52, marginBottom: 40, marginTop: 24 },
      ...options,
      style: { fontSize: '12px', ...(options.style as object) },
    } as PlotOptions);
    return html`<figure>${{ html: cleaned(drawn.outerHTML, alt) }}<figcaption>${caption}</figcaption>${
      numbers && details('The figures', numbers)
    }</figure>`;
  }
}

/** Attributes that hold positions and sizes. */
const numeric = /\s(cx|cy|r|x|y|x1|x2|y1|y2|dx|dy|width|height|d|transform|points)="([^"]*)"/g;

/**
 * SVG as the page holds it: the style of Plot is in the page's, once; hundredths of a pixel are enough; and the picture is one image with
 * a text, whose parts nobody reads aloud.
 */
function cleaned(text: string, alt: string): string {
  return text
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/\s(aria-[a-z]+|role)="[^"]*"/g, '')
    .replace(numeric, (_, name: string, value: string) => ` ${name}="${value.replace(/(\.\d\d)\d+/g, '$1')}"`)
    .replace(/<figure[^>]*>/, '<div class="drawn">')
    .replace(/<\/figure>$/, '</div>')
    .replace(/<svg fill/g, '<svg aria-hidden="true" fill')
    .replace(/<svg(?=[^>]* class="plot")/, () => `<svg role="img" aria-label="${escaped(alt)}"`);
}
