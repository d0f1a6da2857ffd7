// HTML made of templates: what is put in is escaped, unless it is Markup itself. Tables that people with screen readers can walk through.

/** A piece of HTML, safe to put into a page as it is. */
export interface Markup {
  readonly html: string;
}

/** What a template takes: text and numbers are escaped, lists are joined, undefined and false leave nothing. */
export type Piece = Markup | string | number | false | undefined | readonly Piece[];

/** HTML with every value escaped but Markup. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { html: strings.reduce((text, string, i) => text + textOf(pieces[i - 1]) + string) };
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return 'html' in piece ? piece.html : piece.map(textOf).join('');
}

/** Text for elements and for attributes in double quotes. Control characters, which HTML has no way to write, become a replacement character. */
export function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')
    .replace(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');
}

/** A column of a table: what stands above it, and whether its cells are numbers, which stand to the right. */
export interface Heading {
  readonly text: string;
  readonly numbers?: boolean;
}

/** A table with a caption; the first cell of each row is its heading. It scrolls sideways where it is too wide, by keyboard too. */
export function table(caption: Piece, headings: readonly (Heading | string)[], rows: readonly (readonly Piece[])[]): Markup {
  const columns = headings.map((heading) => (typeof heading === 'string' ? { text: heading } : heading));
  const numbers = (j: number) => columns[j]?.numbers === true && html` class="n"`;
  return html`<div class="table" tabindex="0" role="region" aria-label="${plain(caption)}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ text }, j) => html`<th scope="col"${numbers(j)}>${text}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (cells) => html`<tr>${cells.map((cell, j) =>
    j === 0 ? html`<th scope="row"${numbers(j)}>${cell}</th>` : html`<td${numbers(j)}>${cell}</td>`,
  )}</tr>
`,
)}</tbody></table></div>`;
}

/** What a reader may unfold. */
export function details(summary: string, body: Piece): Markup {
  return html`<details><summary>${summary}</summary>${body}</details>`;
}

/** Items below each other; nothing where there are none. */
export function list(items: readonly Piece[]): Markup | undefined {
  return items.length === 0 ? undefined : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

/** The text of a piece, without its tags. */
function plain(piece: Piece): string {
  return textOf(piece)
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
