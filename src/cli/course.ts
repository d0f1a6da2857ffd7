// feedforward course: lists the pages of the course and runs one, as they lie in the package: scripts that import feedforward.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { nearest } from '../errors.js';
import { alignColumns } from '../data/textColumns.js';
import { Exit } from './exit.js';
import { refuseShared } from './output.js';
import { Terminal } from './terminal.js';

export interface CourseCommand {
  /** undefined: lists the pages. */
  readonly page: string | undefined;
  readonly svg: string | undefined;
  readonly text: string | undefined;
  /** Prints the page's own text in place of running it. */
  readonly source: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What each page is about, by part of the course, in the order in which they are read. */
type Contents = Readonly<Record<string, Readonly<Record<string, string>>>>;

const folder = new URL('../examples/course/', import.meta.url);

export async function course(command: CourseCommand): Promise<void> {
  const contents = JSON.parse(await readFile(new URL('contents.json', folder), 'utf8')) as Contents;
  if (command.page === undefined) return list(contents, command);
  const names = Object.values(contents).flatMap((pages) => Object.keys(pages));
  const { page } = command;
  if (!names.includes(page)) {
    const near = nearest(page, names);
    const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
    throw new Exit(2, `course: no page is called "${page}".${meant} Pages: ${names.join(', ')}.`, 'ERR_OPTION');
  }
  if (command.source) {
    process.stdout.write(await readFile(new URL(`${page}.js`, folder), 'utf8'));
    return;
  }
  if (command.svg !== undefined && command.text !== undefined)
    await refuseShared([
      { what: 'the picture', path: command.svg },
      { what: 'the text', path: command.text },
    ]);
  const script = new URL(`${page}.js`, folder);
  // The page reads its options as it does when Node runs it.
  process.argv = [process.argv[0]!, fileURLToPath(script), ...flagsOf(command)];
  await import(script.href);
}

function flagsOf({ svg, text, json, quiet }: CourseCommand): string[] {
  return [
    ...(svg === undefined ? [] : [`--svg=${svg}`]),
    ...(text === undefined ? [] : [`--text=${text}`]),
    ...(json ? ['--json'] : []),
    ...(quiet ? ['--quiet'] : []),
  ];
}

function list(contents: Contents, command: CourseCommand): void {
  const parts = Object.entries(contents).map(([part, pages]) => ({ part, pages: Object.entries(pages) }));
  new Terminal(command).result(
    () => {
      const lines = alignColumns(
        parts.flatMap(({ pages }) => pages.map(([name, about]) => [`  ${name}`, about])),
        2,
      );
      const blocks = parts.map(({ part, pages }) => [part, ...lines.splice(0, pages.length)].join('\n'));
      return [...blocks, 'feedforward course momentum runs a page; --svg FILE writes its picture.'].join('\n\n');
    },
    {
      command: 'course',
      pages: parts.flatMap(({ part, pages }) => pages.map(([name, about]) => ({ part, name, about }))),
    },
  );
}
