// The playground as people drive it. Whatever plays is brought to rest, and to an epoch that is named, before anything is read: what a page
// shows while it plays depends on how quick the machine is.

import { type BrowserPage, waitFor } from './browsers.mjs';

/** Figures as the page shows them: epoch, and shares that are right of the rows trained on and held out. */
export const figures = () => {
  const cells = [...document.querySelectorAll('.score tbody td')].map((cell) => cell.textContent ?? '');
  return {
    epoch: Number(document.querySelector('.time output')?.textContent),
    right: Number.parseFloat(cells[1] ?? ''),
    held: Number.parseFloat(cells[3] ?? ''),
    loss: Number(cells[0]),
  };
};

/** Presses the button with that text; a mission that is done has a tick before it. */
export const press = (text: string) => {
  const button = [...document.querySelectorAll('button')].find((b) => b.textContent?.replace('✓ ', '') === text);
  if (button === undefined) throw new Error(`There is no button "${text}".`);
  button.click();
};

/** Sets the control with that label. */
export const set = (label: string, value: string) => {
  const control = [...document.querySelectorAll('label')]
    .find((l) => l.querySelector('span')?.textContent === label)
    ?.querySelector<HTMLInputElement | HTMLSelectElement>('input, select');
  if (!control) throw new Error(`There is no control "${label}".`);
  control.value = value;
  control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
};

/** What a button's download holds, as numbers. @throws what the page says, where it gives no file within a minute. */
export const download = (text: string) =>
  new Promise<number[]>((resolve, reject) => {
    const make = URL.createObjectURL;
    const late = setTimeout(() => {
      URL.createObjectURL = make;
      reject(new Error(`"${text}" gave no file: ${document.querySelector('.share .said')?.textContent}`));
    }, 60_000);
    URL.createObjectURL = (blob: Blob) => {
      if (blob.type === 'text/javascript') return make(blob); // a worker's text
      URL.createObjectURL = make;
      clearTimeout(late);
      void blob.arrayBuffer().then((buffer) => resolve([...new Uint8Array(buffer)]));
      return make(blob);
    };
    [...document.querySelectorAll('button')].find((b) => b.textContent === text)!.click();
  });

/** Waits until the page has a network that has trained. */
export async function alive(page: BrowserPage): Promise<void> {
  await waitFor(page, () => Number(document.querySelector('.time output')?.textContent) > 0);
}

/** Brings the page to rest, whatever it does. */
export async function rest(page: BrowserPage): Promise<void> {
  await waitFor(page, () => {
    const button = document.querySelector<HTMLElement>('.play')!;
    if (button.textContent === 'Play') return true;
    button.click();
    return false;
  });
}

/** Waits until each network that is shown is at that epoch: of two that race, one may be on its way still. */
export async function untilEpoch(page: BrowserPage, epoch: number): Promise<void> {
  const areThere = (epoch: number) => {
    const labels = [...document.querySelectorAll('.map [aria-label]')].map((node) => node.getAttribute('aria-label')!);
    return (
      document.querySelector('.time output')?.textContent === String(epoch) &&
      labels.every((label) => label.includes(`Epoch ${epoch}:`))
    );
  };
  await waitFor(page, areThere, { args: [epoch] });
}

/** Goes to an epoch that the page, which is at rest, has been at. */
export async function travel(page: BrowserPage, epoch: number): Promise<void> {
  await page.evaluate(set, 'time travel', String(epoch));
  await untilEpoch(page, epoch);
}

/** Trains so many epochs from the beginning, however quick the machine: what was trained beyond them is gone back. */
export async function train(page: BrowserPage, epochs: number): Promise<void> {
  await rest(page);
  await page.evaluate(press, 'Reset');
  await untilEpoch(page, 0);
  await page.evaluate(set, 'speed', '0');
  await page.evaluate(press, 'Play');
  await waitFor(page, (least: number) => Number(document.querySelector('.time output')?.textContent) >= least, {
    args: [epochs],
  });
  await rest(page);
  await travel(page, epochs);
}

/** The address of an experiment, as the button copies it; the page is at rest then. */
export async function link(page: BrowserPage): Promise<string> {
  await page.evaluate(press, 'Copy link');
  await waitFor(page, () => /^Link copied|Link: /.test(document.querySelector('.share .said')?.textContent ?? ''));
  return page.evaluate(() => location.hash);
}
