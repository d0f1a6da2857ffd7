// The table of the benchmark, as it grows.

import type { Report, Row } from './messages';

declare const WORKER: string;

const part = (id: string) => document.getElementById(id)!;
const worker = new Worker(URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' })));
const rows: Row[] = [];

const short = (value: number) =>
  value >= 1e6 ? `${(value / 1e6).toPrecision(3)} M` : value >= 1e4 ? `${(value / 1e3).toPrecision(3)} k` : value.toPrecision(3);

function show(): void {
  const groups = [...new Set(rows.map(({ group }) => group))];
  part('tables').replaceChildren(
    ...groups.map((group) => {
      const own = rows.filter((row) => row.group === group);
      const engines = own[0]!.figures.map(({ engine }) => engine);
      const table = document.createElement('table');
      const cell = (tag: string, text: string) => Object.assign(document.createElement(tag), { textContent: text });
      const caption = cell('caption', `${group}, ${own[0]!.unit}`);
      const head = document.createElement('tr');
      head.append(
        cell('td', ''),
        ...engines.map((engine) => Object.assign(cell('th', engine), { scope: 'col' })),
        Object.assign(cell('th', 'times'), { scope: 'col' }),
      );
      table.append(
        caption,
        head,
        ...own.map(({ name, figures }) => {
          const line = document.createElement('tr');
          const values = engines.map((engine) => figures.find((f) => f.engine === engine));
          line.append(
            Object.assign(cell('th', name), { scope: 'row' }),
            ...values.map((f) =>
              Object.assign(cell('td', f === undefined ? '–' : short(f.value)), {
                title: f === undefined ? '' : `within ${Math.ceil(100 * f.spread)} %`,
              }),
            ),
            cell('td', times(figures)),
          );
          return line;
        }),
      );
      return table;
    }),
  );
}

/** The first engine against each other, except for whole numbers, where the second is the newcomer. */
function times(figures: Row['figures']): string {
  const [first, ...others] = figures;
  if (figures.some(({ engine }) => engine === 'int8')) return `${(others[0]!.value / first!.value).toPrecision(2)}x`;
  return others.map(({ value }) => `${(first!.value / value).toPrecision(2)}x`).join(', ');
}

const asText = () =>
  [
    `${navigator.userAgent}`,
    '',
    '| | what | engine | figure | unit |',
    '| --- | --- | --- | --- | --- |',
    ...rows.flatMap(({ group, name, unit, figures }) =>
      figures.map(({ engine, value }) => `| ${group} | ${name} | ${engine} | ${value.toPrecision(4)} | ${unit} |`),
    ),
  ].join('\n');

worker.onmessage = ({ data }: MessageEvent<Report>) => {
  if (data.type === 'row') {
    rows.push(data.row);
    show();
  } else if (data.type === 'doing') part('state').textContent = `${data.text} …`;
  else {
    part('state').textContent =
      data.type === 'done' ? `Done. ${data.engine}. Times: the first column against each of the others.` : data.text;
    (part('start') as HTMLButtonElement).disabled = false;
    part('copy').hidden = rows.length === 0;
  }
};
part('start').addEventListener('click', () => {
  rows.length = 0;
  (part('start') as HTMLButtonElement).disabled = true;
  worker.postMessage('start');
});
part('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(asText());
    part('copy').textContent = 'copied';
  } catch {
    const text = Object.assign(document.createElement('textarea'), { value: asText(), readOnly: true, rows: 12 });
    text.setAttribute('aria-label', 'The table as text');
    part('copy').replaceWith(text);
    text.select();
  }
});
