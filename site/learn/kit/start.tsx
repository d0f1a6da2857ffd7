// A live page begins: its picture, its question, its button that copies.

import { type ComponentType, render } from 'preact';
import { Question, type QuestionData } from './question';

export function start(Picture?: ComponentType): void {
  const place = document.getElementById('picture');
  if (Picture !== undefined && place !== null) {
    place.replaceChildren();
    render(<Picture />, place);
  }
  const asked = document.getElementById('question');
  const data = document.getElementById('question-data');
  if (asked !== null && data !== null) render(<Question of={JSON.parse(data.textContent!) as QuestionData} />, asked);
  const copy = document.getElementById('copy-code');
  copy?.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.querySelector('.copying + pre')!.textContent!);
    copy.textContent = 'copied';
  });
  document.documentElement.dataset['ready'] = '';
}
