// diagnose() in words, and its fix as a button; what broke, where something did.

import { signal, effect } from '@preact/signals';
import { Card } from './controls';
import type { Verdict } from './messages';
import { ask, change, edited, lanes, news, pause, playing, states } from './state';

const verdict = signal<Verdict | 'asking' | undefined>(undefined);

/** Asks for the verdict on the network as it stands. */
async function diagnose(): Promise<void> {
  if (playing.peek()) pause();
  verdict.value = 'asking';
  const asked = lanes[0].peek();
  let found: Verdict;
  try {
    found = await ask({ what: 'diagnose' });
  } catch (error) {
    found = { healthy: false, text: (error as Error).message, cures: [] };
  }
  if (lanes[0].peek() !== asked) return; // it is about an experiment that is gone
  verdict.value = found;
  news.value = found.text;
}

effect(() => {
  // Another experiment: the verdict is of the one before.
  void lanes[0].value;
  verdict.value = undefined;
});
effect(() => {
  if (states[0].value?.broken !== undefined && verdict.peek() === undefined) void diagnose();
});

export function WhyCard() {
  const found = verdict.value;
  const broken = states[0].value?.broken;
  return (
    <Card
      title="Why"
      name={broken ? 'why broken' : 'why'}
      aside={
        <button type="button" class="chip" onClick={() => void diagnose()}>
          diagnose
        </button>
      }
    >
      <div aria-live="polite">
        {found === undefined && (
          <p class="help">Does it not learn? Ask for a diagnosis: it tries changes on a copy and says what helps.</p>
        )}
        {found === 'asking' && <p class="help">Looking, and trying on a copy …</p>}
        {typeof found === 'object' && (
          <>
            {found.text.split('\n').map((line) => (
              <p key={line} class={found.healthy ? 'good' : 'bad'}>
                {line}
              </p>
            ))}
            {found.cures.map(({ words, experiment }) => (
              <button
                key={words}
                type="button"
                class="cure"
                onClick={() => {
                  edited.value = 0;
                  change(experiment);
                }}
              >
                Try it: {words}
              </button>
            ))}
          </>
        )}
      </div>
    </Card>
  );
}
