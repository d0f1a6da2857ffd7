// A page of sections that stands alone: one file, its style inside, nothing fetched, no script. Whatever a report is about, a section is a
// heading with what stands below it, and the page links to each.

import { version } from '../../formats/version.js';
import { html, type Markup, type Piece } from './markup.js';
import { style } from './style.js';

/** Part of a page. */
export interface Section {
  /** What links to it say: letters and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly body: Piece;
}

export interface Page {
  readonly title: string;
  /** What there is to know first. */
  readonly lead: Piece;
  readonly sections: readonly Section[];
}

/** The page as the text of an HTML file. */
export function pageText({ title, lead, sections }: Page): string {
  const page: Markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="feedforward ${version}">
<title>${title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>${title}</h1>
${lead}
</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="content" tabindex="-1">
${sections.map(
  ({ id, title: name, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${name}</h2>
${body}
</section>
`,
)}</main>
<footer><p>Made with feedforward ${version}. This page is one file: it fetches nothing and runs no script.</p></footer>
</body>
</html>
`;
  return page.html;
}
