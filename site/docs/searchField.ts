// The search of the header, which all pages have; its index is loaded when somebody searches.

import { loadScript } from '../loadScript';

/** `top`: the address of the site's root. */
export function startSearch(top: string): void {
  const field = document.querySelector<HTMLInputElement>('#search')!;
  const list = document.querySelector<HTMLOListElement>('#found')!;
  let loaded: Promise<void> | undefined;

  const show = (...items: readonly HTMLLIElement[]): void => list.replaceChildren(...items);
  const words = (text: string): HTMLLIElement => Object.assign(document.createElement('li'), { textContent: text });

  const find = async (): Promise<void> => {
    const query = field.value.trim();
    list.hidden = query.length < 2;
    if (list.hidden) return;
    loaded ??= loadScript(`${top}search-index.js`);
    try {
      await loaded;
    } catch {
      loaded = undefined;
      show(words('The index cannot be loaded. Are you still online?'));
      return;
    }
    if (field.value.trim() !== query) return;
    const found = searchSite!(query);
    if (found.length === 0) show(words('Nothing found.'));
    else
      show(
        ...found.map(({ title, address, page }) => {
          const item = document.createElement('li');
          const anchor = Object.assign(document.createElement('a'), { href: top + address, textContent: title });
          anchor.append(Object.assign(document.createElement('small'), { textContent: page }));
          item.append(anchor);
          return item;
        }),
      );
  };

  const close = (): void => {
    field.value = '';
    list.hidden = true;
  };
  field.addEventListener('input', () => void find());
  /** Arrows go from one to the next, beginning at the field. */
  const go = (event: KeyboardEvent): void => {
    const places: HTMLElement[] = [field, ...list.querySelectorAll('a')];
    const at = places.indexOf(event.target as HTMLElement);
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') {
      close();
      field.focus();
    } else if (event.key === 'Enter' && at === 0) places[1]?.click();
    else if (by !== 0 && !list.hidden && places[at + by] !== undefined) {
      event.preventDefault();
      places[at + by]!.focus();
    }
    event.stopPropagation(); // keys of the page are not meant here
  };
  field.addEventListener('keydown', go);
  list.addEventListener('keydown', go);
  addEventListener('pointerdown', ({ target }) => {
    if (!field.contains(target as Node) && !list.contains(target as Node)) list.hidden = true;
  });
  field.addEventListener('focus', () => {
    if (field.value.trim().length >= 2 && list.childElementCount > 0) list.hidden = false;
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    field.focus();
  });
}
