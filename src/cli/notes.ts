// What the command says of data and models: each sentence once, with options of the library as flags.

import { isLeftOut, noteOf, type Finding, type FindingKind } from '../data/findings.js';
import { quoted } from './exit.js';

/** A kind of finding; rows that were left out; what only people go by. */
type NoteKind = FindingKind | 'rowsLeftOut' | 'remark';

/** Notes in the order in which they were made. */
export class Notes {
  private readonly kinds = new Map<string, NoteKind>();

  /** Takes in what a file or a finding says. */
  add(text: string, kind: NoteKind = 'remark'): void {
    const note = inFlags(text);
    if (!this.kinds.has(note)) this.kinds.set(note, kind);
  }

  addFindings(findings: readonly Finding[]): void {
    for (const finding of findings) this.add(noteOf(finding), finding.kind);
  }

  has(...kinds: readonly NoteKind[]): boolean {
    return [...this.kinds.values()].some((kind) => kinds.includes(kind));
  }

  get all(): readonly string[] {
    return [...this.kinds.keys()];
  }

  /** Those on columns and rows that were left out, and the others. */
  get parts(): { readonly leftOut: readonly string[]; readonly others: readonly string[] } {
    const isOut = (note: string) => {
      const kind = this.kinds.get(note)!;
      return kind === 'rowsLeftOut' || (kind !== 'remark' && isLeftOut({ kind }));
    };
    return { leftOut: this.all.filter(isOut), others: this.all.filter((note) => !isOut(note)) };
  }
}

/** Notes of the library that name an option, as the command line names it. */
export function inFlags(note: string): string {
  return note
    .replace(/hiddenLayers: \[\]/, '--hidden none')
    .replace("loss: 'huber' or 'meanAbsoluteError'", '--loss huber or --loss meanAbsoluteError')
    .replace("classWeight: 'balanced'", '--class-weight balanced')
    .replace(
      'chooseThreshold sets from which probability on a class is said',
      'the page of --report shows what each threshold comes to',
    )
    .replace(/maxCategories: (\d+) keeps all/, 'pass --max-categories $1 to keep all')
    .replace(/pass keep: \["(.*)"\] or declare its type/, (_, name: string) => `pass --keep-columns ${quoted(name)}`)
    .replace(
      /pass decimal: \{ "(.*)": '(.)' \}/,
      (_, name: string, mark: string) => `pass --decimal ${quoted(`${name}=${mark}`)}`,
    )
    .replace(
      /declare types: \{ "(.*)": '(\w+)' \}/,
      (_, name: string, type: string) => `pass --types ${quoted(`${name}=${type}`)}`,
    );
}
