// The labs in the page: an editor, and the verdict on what stands in it. What is written stays in this browser.

import { effect, signal } from '@preact/signals';
import type { Failure, Verdict } from 'feedforward/labs';
import { Action, Row } from '../kit';
import { check, listLabs } from './checking';
import { Editor } from './editor';
import type { LabInfo } from './messages';

/** The row of docs/course-rows.md that each lab belongs to. */
const rows = [4, 5, 6, 7, 8, 3];

const labs = signal<readonly LabInfo[]>([]);
const chosen = signal(0);
/** What is written, by lab. */
const codes = signal<readonly string[]>([]);
const verdicts = signal<readonly (Verdict | undefined)[]>([]);
const printed = signal('');
const busy = signal(false);
const seed = signal(0);
/** What stood there before it was begun anew, by lab. */
const before = signal<readonly (string | undefined)[]>([]);

const keyOf = (lab: LabInfo) => `feedforward-${lab.file}`;
function kept(lab: LabInfo): string {
  try {
    return localStorage.getItem(keyOf(lab)) ?? lab.skeleton;
  } catch {
    return lab.skeleton; // pages opened from a folder may have no storage
  }
}
function keep(lab: LabInfo, code: string): void {
  try {
    localStorage.setItem(keyOf(lab), code);
  } catch {
    // as above
  }
}

const replaced = <T,>(list: readonly T[], at: number, value: T): T[] => {
  const copy = [...list];
  copy[at] = value;
  return copy;
};
function write(code: string): void {
  const lab = labs.value[chosen.value]!;
  codes.value = replaced(codes.value, chosen.value, code);
  keep(lab, code);
}

async function judge(): Promise<void> {
  const at = chosen.value;
  const lab = labs.value[at];
  if (lab === undefined || busy.value) return;
  busy.value = true;
  printed.value = '';
  const verdict = await check(lab, codes.value[at]!, seed.value, (text) => {
    printed.value += text;
  });
  verdicts.value = replaced(verdicts.value, at, verdict);
  busy.value = false;
}

const fromAddress = () => Math.max(0, Math.min(5, Number(location.hash.slice(1)) - 1 || 0));
void listLabs().then((found) => {
  chosen.value = fromAddress();
  codes.value = found.map(kept);
  labs.value = found;
});
addEventListener('hashchange', () => {
  chosen.value = fromAddress();
  printed.value = '';
});
effect(() => {
  if (labs.value.length > 0) history.replaceState(undefined, '', `#${chosen.value + 1}`);
});

function save(lab: LabInfo): void {
  const address = URL.createObjectURL(new Blob([codes.value[chosen.value]!], { type: 'text/javascript' }));
  Object.assign(document.createElement('a'), { href: address, download: `${lab.file}.js` }).click();
  setTimeout(() => URL.revokeObjectURL(address));
}

const lineOf = (failure: Failure | undefined) => {
  const found = /\(line (\d+)\)/.exec(failure?.message ?? '');
  return found === null ? undefined : Number(found[1]);
};
const capital = (text: string) => (/^(the|an?|every) /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text);

function Told({ failure: { message, about, mistake, hint } }: { failure: Failure }) {
  return (
    <div class="told">
      <p>{capital(message)}</p>
      {about !== '' && <p class="about">On: {about}</p>}
      {mistake !== undefined && <p>Your numbers are those of a known mistake: {mistake}.</p>}
      {hint !== undefined && <p class="hint">Hint: {hint}</p>}
    </div>
  );
}

const signs = { passed: '✓', failed: '✗', skipped: '·' } as const;

function Checks({ lab, verdict }: { lab: LabInfo; verdict: Verdict | undefined }) {
  return (
    <ol class="checks">
      {lab.checks.map(({ function: name, title }, i) => {
        const one = verdict?.checks[i];
        const status = one?.status ?? 'skipped';
        return (
          <li key={name} class={status}>
            <span class="sign" aria-hidden="true">
              {signs[status]}
            </span>
            <code>{name}</code> {title}
            <span class="sr">{one === undefined ? ', not checked yet' : `, ${status}`}</span>
            {one?.failure !== undefined && <Told failure={one.failure} />}
          </li>
        );
      })}
    </ol>
  );
}

export default function Picture() {
  const lab = labs.value[chosen.value];
  if (lab === undefined) return <p class="said">The labs are coming …</p>;
  const code = codes.value[chosen.value]!;
  const verdict = verdicts.value[chosen.value];
  const passed = verdict?.checks.filter(({ status }) => status === 'passed').length ?? 0;
  const failure = verdict?.checks.find(({ status }) => status === 'failed')?.failure;
  const old = before.value[chosen.value];
  return (
    <div class="stage lab">
      <fieldset class="choice">
        <legend>Lab</legend>
        <div class="chips">
          {labs.value.map(({ number, title }, i) => (
            <button
              key={number}
              type="button"
              class="chip"
              aria-pressed={i === chosen.value}
              title={title}
              onClick={() => {
                chosen.value = i;
                printed.value = '';
              }}
            >
              {number} {title}
              {verdicts.value[i]?.passed === true ? ' ✓' : ''}
            </button>
          ))}
        </div>
      </fieldset>
      <Editor code={code} set={write} wrong={lineOf(failure)} check={judge} />
      <div class="chips playing">
        <button type="button" class="chip play" onClick={judge} disabled={busy.value}>
          {busy.value ? 'Checking …' : 'Check'}
        </button>
        <Action
          help="Other hidden networks, rows and numbers"
          act={() => {
            seed.value++;
            void judge();
          }}
        >
          Check with other numbers
        </Action>
        <Action
          help="The text that this lab starts from"
          act={() => {
            before.value = replaced(before.value, chosen.value, code);
            write(lab.skeleton);
            verdicts.value = replaced(verdicts.value, chosen.value, undefined);
          }}
        >
          Begin anew
        </Action>
        {old !== undefined && code === lab.skeleton && (
          <Action help="What stood there before" act={() => write(old)}>
            Take back
          </Action>
        )}
        <label class="chip file">
          Open a file
          <input
            type="file"
            class="sr"
            accept=".js,.mjs,text/javascript"
            onChange={async ({ currentTarget: input }) => {
              const file = input.files?.[0];
              if (file !== undefined) write(await file.text());
              input.value = '';
            }}
          />
        </label>
        <Action help="As a file, which the command checks as well" act={() => save(lab)}>
          Save as a file
        </Action>
      </div>
      <p class="said" id="editor-keys">
        Ctrl and Enter checks. Tab sets in; Escape, then Tab, leaves the editor.
      </p>
      <p class="outcome" role="status">
        {verdict === undefined ? (
          <Row n={rows[chosen.value]!} name="passed">
            {`Lab ${lab.number}: ${lab.checks.length} functions to write.`}
          </Row>
        ) : (
          <Row n={rows[chosen.value]!} name="passed">
            {verdict.passed ? `All ${passed} functions are right.` : `${passed} of ${lab.checks.length} functions are right.`}
          </Row>
        )}
      </p>
      <Checks {...{ lab, verdict }} />
      {printed.value !== '' && (
        <section aria-label="What your code printed">
          <pre class="printed" tabIndex={0}>
            {printed.value}
          </pre>
        </section>
      )}
    </div>
  );
}
