// The question of a page, which the page checks: one of some answers, or a number.

import { signal } from '@preact/signals';
import { isAnswer } from './answers';

interface ChoiceData {
  readonly ask: string;
  readonly choices: readonly { text: string; right: boolean; why: string }[];
}
interface NumberData {
  readonly ask: string;
  readonly number: number;
  readonly tolerance: number;
  readonly why: string;
  readonly hints: readonly string[];
}
/** Texts are HTML, made by the build from page.md. */
export type QuestionData = ChoiceData | NumberData;

const verdict = signal<{ right: boolean; html: string } | undefined>(undefined);
let misses = 0;

const Html = ({ of }: { of: string }) => <span dangerouslySetInnerHTML={{ __html: of }} />;

function judge({ number, tolerance, why, hints }: NumberData, text: string): void {
  const right = isAnswer(text, number, tolerance);
  if (right === undefined)
    verdict.value = { right: false, html: 'That is not a number. Write 1234, 0.25, 1/4, 10^6, 1e6 or 25 %.' };
  else if (right) verdict.value = { right: true, html: why };
  else verdict.value = { right: false, html: hints[Math.min(misses++, hints.length - 1)] ?? 'Try again.' };
}

export function Question({ of }: { of: QuestionData }) {
  const said = verdict.value;
  return (
    <>
      {'choices' in of ? (
        <fieldset>
          <legend>
            <Html of={of.ask} />
          </legend>
          {of.choices.map(({ text, right, why }, i) => (
            <label key={i} class="answer" data-right={right}>
              <input type="radio" name="answer" onChange={() => (verdict.value = { right, html: why })} />
              <Html of={text} />
            </label>
          ))}
        </fieldset>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            judge(of, event.currentTarget.querySelector('input')!.value);
          }}
        >
          <label class="ask">
            <Html of={of.ask} />
            <input type="text" inputMode="decimal" autocomplete="off" />
          </label>
          <button type="submit" class="chip">
            check
          </button>
        </form>
      )}
      <p class={`verdict ${said === undefined ? '' : said.right ? 'right' : 'wrong'}`} role="status" data-verdict={said?.right}>
        {said !== undefined && (
          <>
            <strong>{said.right ? 'Right. ' : 'Not so. '}</strong>
            <Html of={said.html} />
          </>
        )}
      </p>
    </>
  );
}
