// The types of browsers.mjs, for tests.

export type EngineName = 'Chromium' | 'Firefox' | 'WebKit';

export interface BrowserPage {
  /** What went wrong in the page on its own (WebKit's driver does not tell). */
  readonly errors: readonly string[];
  goto(url: string): Promise<unknown>;
  /** What the function gives in the page, with arguments that are JSON; promises are waited for. */
  evaluate<A extends unknown[], T>(work: (...args: A) => T, ...args: A): Promise<Awaited<T>>;
  chooseFiles(selector: string, ...paths: string[]): Promise<unknown>;
  screenshot(path: string): Promise<unknown>;
  /** Milliseconds of the processor that each task of the page's own thread took, over so long. Chromium's only. */
  readonly taskTimes?: (milliseconds: number) => Promise<number[]>;
  /** Slows the processor of the page's own thread down so many times. Chromium's only. */
  readonly slowDown?: (times: number) => Promise<void>;
  close(): Promise<unknown>;
}

export interface Browser {
  readonly version: string;
  newPage(): Promise<BrowserPage>;
  close(): Promise<unknown>;
}

export interface BrowserSettings {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly pictures?: boolean;
}

export const engines: Readonly<Record<EngineName, { readonly needs: readonly string[] }>>;
export function isInstalled(name: EngineName): boolean;
export function openBrowser(name: EngineName, settings?: BrowserSettings): Promise<Browser>;
export function waitFor<A extends unknown[], T>(
  page: BrowserPage,
  work: (...args: A) => T,
  options?: { readonly args?: A; readonly seconds?: number },
): Promise<Awaited<T>>;
