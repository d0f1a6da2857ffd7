// The playground: opens alive.

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { startSearch } from '../docs/searchField';
import { DataCard } from './dataCard';
import { dataNames, dataOf, withData } from './experiment';
import { LossCard } from './lossCard';
import { MissionCard } from './missionCard';
import { NetworkCard } from './networkCard';
import { OutputCard } from './outputCard';
import { ShareCard } from './shareCard';
import {
  badLink,
  canRedo,
  canUndo,
  change,
  edited,
  lanes,
  news,
  openLink,
  play,
  redo,
  reset,
  step,
  toggle,
  trouble,
  undo,
} from './state';
import { chooseTheme, theme } from './theme';
import { TrainCard } from './trainCard';
import { WhyCard } from './whyCard';

const keys =
  'Space plays and pauses, arrow right steps, R resets, 1 to 9 choose the data, Ctrl-Z takes a change back, / searches the site.';

function press(event: KeyboardEvent): void {
  const { target } = event;
  const inField = target instanceof HTMLElement && (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || inField) return;
  const data = dataNames[Number(event.key) - 1];
  if (data !== undefined) change((old) => withData(old, dataOf(data.kind)));
  if (event.key === '?') news.value = keys;
  if (event.key === 'ArrowRight') step();
  if (event.key.toLowerCase() === 'r') reset();
  if (event.key === ' ' && !(target instanceof HTMLButtonElement)) {
    event.preventDefault();
    toggle();
  }
}

function App() {
  useEffect(() => {
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <div class="bar">
        <button type="button" class="chip" disabled={!canUndo.value} onClick={undo} title="Take the last change back (Ctrl-Z)">
          undo
        </button>
        <button type="button" class="chip" disabled={!canRedo.value} onClick={redo}>
          redo
        </button>
        {lanes[1].value && (
          <fieldset class="chips" aria-label="Which of the two you change">
            {([0, 1] as const).map((lane) => (
              <button
                key={lane}
                type="button"
                class="chip"
                aria-pressed={edited.value === lane}
                onClick={() => (edited.value = lane)}
              >
                change {lane === 0 ? 'A' : 'B'}
              </button>
            ))}
          </fieldset>
        )}
        <span class="keys">{keys}</span>
      </div>
      {(badLink.value ?? trouble.value) && (
        <p class="trouble" role="alert">
          {badLink.value ?? trouble.value}
        </p>
      )}
      <div class="board">
        <div class="left">
          <DataCard />
          <TrainCard />
        </div>
        <div class="middle">
          <NetworkCard />
          <MissionCard />
        </div>
        <div class="right">
          <OutputCard />
          <LossCard />
          <WhyCard />
          <ShareCard />
        </div>
      </div>
      <p class="sr" aria-live="polite">
        {news.value}
      </p>
    </>
  );
}

render(<App />, document.getElementById('play')!);
startSearch('');
document.getElementById('theme')!.addEventListener('click', () => chooseTheme(theme.value === 'dark' ? 'light' : 'dark'));
addEventListener('hashchange', () => location.hash.length > 1 && void openLink(location.hash.slice(1)));
if (location.hash.length > 1) void openLink(location.hash.slice(1));
else play();
