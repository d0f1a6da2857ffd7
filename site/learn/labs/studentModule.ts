// A student's module as the body of a function: what is exported becomes properties, lines stay where they are. Pages opened from a folder cannot import
// text as a module.

import type { StudentModule } from 'feedforward/labs';

/** What errors and stacks call the student's code. */
const sourceName = 'lab.js';

export interface Body {
  readonly text: string;
  /** Local names by the names that they are exported under. */
  readonly exported: ReadonlyMap<string, string>;
}

export function bodyOf(code: string): Body {
  const exported = new Map<string, string>();
  const text = code
    .replace(
      /^([ \t]*)export[ \t]+((?:async[ \t]+)?function\b[ \t]*\*?[ \t]*|class[ \t]+|(?:const|let|var)[ \t]+)([\w$]+)/gm,
      (_, inset: string, kind: string, name: string) => {
        exported.set(name, name);
        return `${inset}${kind}${name}`;
      },
    )
    .replace(/^[ \t]*export[ \t]*\{([^}]*)\}[ \t]*;?/gm, (all, names: string) => {
      for (const part of names.split(',')) {
        const [local, outer = local] = part.trim().split(/\s+as\s+/);
        if (local) exported.set(outer!, local);
      }
      return all.replace(/[^\n]/g, '');
    })
    .replace(/^([ \t]*)export[ \t]+default\b/gm, '$1exports.default =');
  return { text, exported };
}

/** @throws what the code throws while it loads; a SyntaxError where it breaks the grammar. */
export function load({ text, exported }: Body): StudentModule {
  const ends = [...exported].map(([outer, local]) => `exports[${JSON.stringify(outer)}] = ${local};`).join(' ');
  const run = new Function('exports', 'module', `"use strict"; ${text}\n${ends}\n//# sourceURL=${sourceName}`);
  const module = { exports: {} as Record<string, unknown> };
  run(module.exports, module);
  return module.exports;
}

const lineIn = (error: unknown): number | undefined => {
  const stack = String((error as { stack?: unknown } | undefined)?.stack);
  const found = new RegExp(`(?:${sourceName}|<anonymous>|> Function):(\\d+)`).exec(stack);
  return found === null ? undefined : Number(found[1]);
};

/** Lines that the engine puts before the body of a function made of text. */
function linesBefore(): number {
  try {
    load({ text: 'throw new Error();', exported: new Map() });
  } catch (error) {
    const line = lineIn(error);
    if (line !== undefined) return line - 1;
  }
  return Number.NaN;
}

/** "line 12" of the student's code, where the engine says so. */
export function where(error: unknown): string | undefined {
  const line = (lineIn(error) ?? Number.NaN) - linesBefore();
  return line > 0 ? `line ${line}` : undefined;
}
