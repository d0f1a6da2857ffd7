// A small editor: a text area with line numbers and colours, Tab that sets in, Enter that keeps what is set in.

import type { TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
import { pieces } from './highlight';

/** Puts text in the place of what is selected, so that undo knows of it. */
function insert(area: HTMLTextAreaElement, text: string): void {
  if (document.execCommand('insertText', false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Sets the selected lines in by two blanks, or out. */
function shift(area: HTMLTextAreaElement, out: boolean): void {
  const { value, selectionStart, selectionEnd } = area;
  const from = value.lastIndexOf('\n', selectionStart - 1) + 1;
  const lines = value.slice(from, selectionEnd);
  const moved = out ? lines.replace(/^ {1,2}/gm, '') : lines.replace(/^/gm, '  ');
  area.setSelectionRange(from, selectionEnd);
  insert(area, moved);
  area.setSelectionRange(from, from + moved.length);
}

export function Editor({
  code,
  set,
  wrong,
  check,
}: {
  code: string;
  set: (code: string) => void;
  /** The line that is marked. */
  wrong: number | undefined;
  check: () => void;
}) {
  const behind = useRef<HTMLDivElement>(null);
  /** After Escape the next Tab leaves the editor. */
  const leaving = useRef(false);
  const keys = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const area = event.currentTarget;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      check();
    } else if (event.key === 'Escape') leaving.current = true;
    else if (event.key === 'Tab' && !leaving.current) {
      event.preventDefault();
      if (event.shiftKey || area.selectionStart !== area.selectionEnd) shift(area, event.shiftKey);
      else insert(area, '  ');
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      const before = area.value.slice(0, area.selectionStart);
      const line = before.slice(before.lastIndexOf('\n') + 1);
      insert(area, `\n${/^ */.exec(line)![0]}${/[{([]\s*$/.test(line) ? '  ' : ''}`);
    }
    if (event.key !== 'Escape' && event.key !== 'Tab') leaving.current = false;
  };
  const lines = code.split('\n').length;
  return (
    <div class="editor">
      <div class="behind" aria-hidden="true" ref={behind}>
        <div class="lines">
          {Array.from({ length: lines }, (_, i) => (
            <span key={i} class={i + 1 === wrong ? 'wrong' : undefined}>
              {i + 1}
            </span>
          ))}
        </div>
        <pre>
          {pieces(code).map(({ kind, text }, i) =>
            kind === 'plain' ? (
              text
            ) : (
              <span key={i} class={kind}>
                {text}
              </span>
            ),
          )}
        </pre>
      </div>
      <textarea
        aria-label="Your code"
        aria-describedby="editor-keys"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        wrap="off"
        value={code}
        onInput={(event) => set(event.currentTarget.value)}
        onKeyDown={keys}
        onFocus={() => {
          leaving.current = false;
        }}
        onScroll={({ currentTarget: { scrollTop, scrollLeft } }) => behind.current?.scrollTo(scrollLeft, scrollTop)}
      />
    </div>
  );
}
