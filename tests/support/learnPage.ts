// A live page as a reader uses it: sliders, buttons, points that are dragged, keys, and the numbers that it shows.

import { expect } from 'vitest';
import { type BrowserPage, waitFor } from './browsers.mjs';

/** What the gestures of a page are made of. Labels are those that the page shows. */
export class LearnPage {
  /** Rows of docs/course-rows.md whose numbers the gestures have read. */
  readonly rowsRead = new Set<number>();

  constructor(private readonly page: BrowserPage) {}

  /** What a function of the page gives; its arguments are JSON. */
  evaluate<A extends unknown[], T>(work: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
    return this.page.evaluate(work, ...args);
  }

  /** Waits until a function of the page gives something true. */
  until<A extends unknown[], T>(work: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
    return waitFor(this.page, work, { args, seconds: 120 });
  }

  /** Moves a slider, or chooses from a list, by its label. */
  async set(label: string, value: number | string): Promise<void> {
    await this.page.evaluate(
      (label: string, value: string) => {
        const control = [...document.querySelectorAll('label')]
          .find((l) => l.querySelector('span')?.textContent === label)
          ?.querySelector<HTMLInputElement | HTMLSelectElement>('input, select');
        if (!control) throw new Error(`There is no control "${label}".`);
        control.value = value;
        control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
      },
      label,
      String(value),
    );
    await this.drawn();
  }

  /** Presses the button with that text. */
  async press(text: string): Promise<void> {
    await this.page.evaluate((text: string) => {
      const button = [...document.querySelectorAll('button')].find((b) => b.textContent?.trim() === text);
      if (button === undefined) throw new Error(`There is no button "${text}".`);
      button.click();
    }, text);
    await this.drawn();
  }

  /** Lets the page stand still: presses "Pause", unless what played has come to its end by itself. */
  async pause(): Promise<void> {
    await this.page.evaluate(() => {
      const buttons = document.querySelectorAll<HTMLButtonElement>('.playing .play');
      if (buttons.length === 0) throw new Error('There is nothing that plays.');
      for (const button of buttons) if (button.textContent === 'Pause') button.click();
    });
    await this.drawn();
  }

  /** Presses a key in the element that a selector finds, or on the page. */
  async key(key: string, selector = 'body'): Promise<void> {
    await this.page.evaluate(
      (key: string, selector: string) => {
        const target = document.querySelector<HTMLElement>(selector);
        if (target === null) throw new Error(`There is no ${selector}.`);
        target.focus();
        target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      },
      key,
      selector,
    );
    await this.drawn();
  }

  /** Drags what a selector finds by so many pixels. */
  async dragBy(selector: string, dx: number, dy: number): Promise<void> {
    await this.page.evaluate(
      (selector: string, dx: number, dy: number) => {
        const target = document.querySelector(selector);
        if (target === null) throw new Error(`There is no ${selector}.`);
        const { left, top, width, height } = target.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        const fire = (type: string, clientX: number, clientY: number) =>
          target.dispatchEvent(
            new PointerEvent(type, {
              ...{ bubbles: true, cancelable: true, pointerId: 7, isPrimary: true },
              ...{ clientX, clientY, button: 0 },
            }),
          );
        fire('pointerdown', x, y);
        for (let i = 1; i <= 4; i++) fire('pointermove', x + (dx * i) / 4, y + (dy * i) / 4);
        fire('pointerup', x + dx, y + dy);
      },
      selector,
      dx,
      dy,
    );
    await this.drawn();
  }

  /** Draws with the pointer over what a selector finds, through places given as shares of its width and height. */
  async stroke(selector: string, places: readonly (readonly [number, number])[]): Promise<void> {
    await this.page.evaluate(
      (selector: string, places: readonly (readonly [number, number])[]) => {
        const target = document.querySelector(selector);
        if (target === null) throw new Error(`There is no ${selector}.`);
        const { left, top, width, height } = target.getBoundingClientRect();
        const fire = (type: string, [x, y]: readonly [number, number]) =>
          target.dispatchEvent(
            new PointerEvent(type, {
              ...{ bubbles: true, cancelable: true, pointerId: 7, isPrimary: true, button: 0 },
              ...{ clientX: left + x * width, clientY: top + y * height },
            }),
          );
        fire('pointerdown', places[0]!);
        for (const place of places) fire('pointermove', place);
        fire('pointerup', places.at(-1)!);
      },
      selector,
      places,
    );
    await this.drawn();
  }

  /** The text of what carries data-name. */
  text(name: string): Promise<string> {
    return this.page.evaluate((name: string) => {
      const found = document.querySelector(`[data-name="${name}"]`);
      if (found === null) throw new Error(`Nothing carries data-name="${name}".`);
      return found.textContent ?? '';
    }, name);
  }

  /** The first number in the text of what carries data-name. */
  async number(name: string): Promise<number> {
    return firstNumber(await this.text(name));
  }

  /** Waits until the number that carries data-name is as asked. */
  async untilNumber(name: string, is: (value: number) => boolean): Promise<number> {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const value = await this.number(name);
      if (is(value)) return value;
      if (Date.now() > deadline) throw new Error(`"${name}" is still ${value} after 120 seconds: ${is}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The text of the output of a row of docs/course-rows.md. */
  async rowText(row: number): Promise<string> {
    this.rowsRead.add(row);
    return this.page.evaluate((row: number) => {
      const found = document.querySelector(`output[data-row~="${row}"]`);
      if (found === null) throw new Error(`No output carries data-row="${row}".`);
      return found.textContent ?? '';
    }, row);
  }

  /** The first number in it. */
  async row(row: number): Promise<number> {
    return firstNumber(await this.rowText(row));
  }

  /** Answers the question wrongly, then rightly, and sees the verdicts. */
  async answerQuestion(question: { number?: number; tolerance?: number }): Promise<void> {
    const verdict = () => document.querySelector('.verdict')?.getAttribute('data-verdict') ?? null;
    const said = () => document.querySelector('.verdict')?.textContent ?? '';
    if (question.number === undefined) {
      const choose = (right: string, i: number) => {
        const answers = [...document.querySelectorAll<HTMLElement>(`.answer[data-right="${right}"] input`)];
        answers[i]?.click();
        return answers.length;
      };
      const wrong = await this.page.evaluate(choose, 'false', 0);
      for (let i = 0; i < wrong; i++) {
        await this.page.evaluate(choose, 'false', i);
        await this.until(() => document.querySelector('.verdict')?.getAttribute('data-verdict') === 'false');
        expect(await this.page.evaluate(said)).toMatch(/^Not so\. \S/);
      }
      await this.page.evaluate(choose, 'true', 0);
    } else {
      const enter = (text: string) => {
        document.querySelector<HTMLInputElement>('.ask input')!.value = text;
        document.querySelector<HTMLFormElement>('#question form')!.requestSubmit();
      };
      await this.page.evaluate(enter, 'no number');
      await this.until(() => /not a number/.test(document.querySelector('.verdict')?.textContent ?? ''));
      await this.page.evaluate(enter, String(question.number + 3 * question.tolerance!));
      await this.until(() => document.querySelector('.verdict')?.getAttribute('data-verdict') === 'false');
      await this.page.evaluate(enter, String(question.number));
    }
    await this.until(() => document.querySelector('.verdict')?.getAttribute('data-verdict') === 'true');
    expect(await this.page.evaluate(verdict)).toBe('true');
    expect(await this.page.evaluate(said)).toMatch(/^Right\. \S/);
  }

  /** Two frames later: what was changed is drawn. */
  private drawn(): Promise<unknown> {
    return this.page.evaluate(
      () => new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(0), 0))),
    );
  }
}

/** "1.2e−3", "−4", "12 %": the first number of a text; NaN where there is none. */
function firstNumber(text: string): number {
  const match = /[-−]?\d[\d ]*(?:,\d{3}(?!\d))*(?:\.\d+)?(?:e[-−+]?\d+)?/.exec(text);
  return match === null ? Number.NaN : Number(match[0].replace(/−/g, '-').replace(/[ ,]/g, ''));
}
