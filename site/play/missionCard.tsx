import { computed, effect, signal } from '@preact/signals';
import { Card } from './controls';
import { missions } from './missions';
import { change, edited, lanes, news, states } from './state';

const chosen = signal<string | undefined>(undefined);
const done = signal<ReadonlySet<string>>(new Set());
const mission = computed(() => missions.find(({ name }) => name === chosen.value));

effect(() => {
  const current = mission.value;
  const state = states[0].value;
  if (current === undefined || state === undefined || done.peek().has(current.name) || !current.done(lanes[0].peek(), state))
    return;
  done.value = new Set([...done.peek(), current.name]);
  news.value = `Mission done: ${current.title}.`;
});

/** Something to reach, checked by the page. */
export function MissionCard() {
  const current = mission.value;
  const isDone = current !== undefined && done.value.has(current.name);
  return (
    <Card
      title="Missions"
      name="missions"
      aside={
        <span class="ahead">
          {done.value.size} of {missions.length} done
        </span>
      }
    >
      <fieldset class="chips" aria-label="Missions">
        {missions.map(({ name, title, start }) => (
          <button
            key={name}
            type="button"
            class="chip"
            data-mission={name}
            aria-pressed={chosen.value === name}
            onClick={() => {
              chosen.value = name;
              edited.value = 0;
              change(start);
            }}
          >
            {done.value.has(name) ? '✓ ' : ''}
            {title}
          </button>
        ))}
      </fieldset>
      {current && (
        <p class={isDone ? 'mission good' : 'mission'}>
          {isDone ? 'Done. ' : ''}
          {current.task} <span class="help">{current.hint}</span>
        </p>
      )}
    </Card>
  );
}
