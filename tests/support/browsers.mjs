// The three engines that pages run in, as Debian has them, each behind the driver library that knows it: Chromium (playwright),
// Firefox (puppeteer, over WebDriver BiDi) and WebKit (selenium, over WebKitWebDriver, which starts WebKitGTK's MiniBrowser on a
// virtual screen). One small face for all: open a page, run a function in it, choose files, take a picture.

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { Builder, By, Capabilities } from 'selenium-webdriver';
import { DriverService } from 'selenium-webdriver/remote/index.js';

const chromiumPath = '/usr/bin/chromium';
const firefoxPath = '/usr/bin/firefox-esr';
const webkitDriver = '/usr/bin/WebKitWebDriver';
const miniBrowser = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const virtualScreen = '/usr/bin/Xvfb';

/** Milliseconds that a browser may take to start, a page to load, and a page's function to answer: a machine that does much else is slow. */
const patience = 120_000;

/** Name, what it needs here, how it starts. */
export const engines = {
  Chromium: { needs: [chromiumPath], open: openChromium },
  Firefox: { needs: [firefoxPath], open: openFirefox },
  WebKit: { needs: [webkitDriver, miniBrowser, virtualScreen], open: openWebKit },
};

/** Whether what an engine needs is installed (Debian: chromium, firefox-esr, webkit2gtk-driver and xvfb). */
export const isInstalled = (name) => engines[name].needs.every((path) => existsSync(path));

/**
 * Starts a browser. Its pages are `width` by `height` (WebKit's at least 450 wide), and told that people prefer the color scheme.
 * `pictures`: whether they are drawn, so that screenshots can be taken: only WebKit needs to know, which else does without.
 */
export async function openBrowser(name, { width = 1000, height = 800, colorScheme = 'light', pictures = false } = {}) {
  return engines[name].open({ width, height, colorScheme, pictures });
}

/** Waits until a page's function gives something true, and returns that. @throws after `seconds`. */
export async function waitFor(page, work, { args = [], seconds = 60 } = {}) {
  const deadline = Date.now() + 1000 * seconds;
  for (;;) {
    const value = await page.evaluate(work, ...args);
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${work} gave ${JSON.stringify(value)} for ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function openChromium({ width, height, colorScheme }) {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'], timeout: patience });
  return {
    version: browser.version(),
    close: () => browser.close(),
    newPage: async () => {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      page.setDefaultTimeout(patience);
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      return {
        errors,
        goto: (url) => page.goto(url),
        evaluate: (work, ...args) => page.evaluate(callOf(work, args)),
        chooseFiles: (selector, ...paths) => page.setInputFiles(selector, paths),
        screenshot: (path) => page.screenshot({ path }),
        slowDown: async (times) => {
          const session = await page.context().newCDPSession(page);
          await session.send('Emulation.setCPUThrottlingRate', { rate: times });
        },
        taskTimes: async (milliseconds) => {
          await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
          await page.waitForTimeout(milliseconds);
          const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
          const threads = new Set();
          for (const { name, args, pid, tid } of traceEvents)
            if (name === 'thread_name' && args.name === 'CrRendererMain') threads.add(`${pid} ${tid}`);
          return traceEvents
            .filter(({ name, tdur, pid, tid }) => /RunTask$/.test(name) && tdur !== undefined && threads.has(`${pid} ${tid}`))
            .map(({ tdur }) => tdur / 1000);
        },
        close: () => page.close(),
      };
    },
  };
}

async function openFirefox({ width, height, colorScheme }) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath,
    protocolTimeout: patience,
    timeout: patience,
    defaultViewport: { width, height },
    extraPrefsFirefox: { 'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1 },
  });
  return {
    version: (await browser.version()).split('/')[1],
    close: () => browser.close(),
    newPage: async () => {
      const page = await browser.newPage();
      page.setDefaultTimeout(patience);
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      return {
        errors,
        goto: (url) => page.goto(url),
        evaluate: (work, ...args) => page.evaluate(callOf(work, args)),
        chooseFiles: async (selector, ...paths) => (await page.$(selector)).uploadFile(...paths),
        screenshot: async (path) => void (await page.screenshot({ path })),
        close: () => page.close(),
      };
    },
  };
}

async function openWebKit({ width, height, colorScheme, pictures }) {
  // MiniBrowser has a bar above the page; the window is made larger by what the bar takes, once that is known.
  const screen = await startScreen(width + 200, height + 200);
  const service = new DriverService.Builder(webkitDriver)
    .setLoopback(true)
    .setEnvironment({
      ...process.env,
      DISPLAY: screen.display,
      LANG: 'en_US.UTF-8', // else navigator.language is "c", which Intl refuses
      LANGUAGE: 'en_US',
      GTK_THEME: colorScheme === 'dark' ? 'Adwaita:dark' : 'Adwaita',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', // root has none
      JSC_useSharedArrayBuffer: '1', // Safari gives it to isolated pages by itself, WebKitGTK only so
      // Machines that test have no graphics card: drawing there takes Mesa, and is left out.
      ...(pictures ? {} : { WEBKIT_DISABLE_DMABUF_RENDERER: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1' }),
    })
    .build();
  try {
    const driver = await new Builder()
      .usingServer(await service.start(patience))
      .withCapabilities(
        new Capabilities({
          browserName: 'MiniBrowser',
          'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
          timeouts: { script: patience, pageLoad: patience },
        }),
      )
      .build();
    const version = (await driver.getCapabilities()).get('browserVersion');
    return {
      version,
      close: async () => {
        await driver.quit().catch(() => {});
        await service.kill();
        screen.stop();
      },
      newPage: async () => {
        const [bar, side] = await driver.executeScript('return [outerHeight - innerHeight, outerWidth - innerWidth]');
        await driver
          .manage()
          .window()
          .setRect({ x: 0, y: 0, width: width + side, height: height + bar });
        return {
          errors: [],
          goto: (url) => driver.get(url),
          evaluate: async (work, ...args) => {
            const { value, error } = await driver.executeAsyncScript(
              `const done = arguments[0];
               Promise.resolve().then(() => ${callOf(work, args)}).then(
                 (value) => done({ value: value === undefined ? null : value }),
                 (error) => done({ error: String(error) }));`,
            );
            if (error !== undefined) throw new Error(error);
            return value;
          },
          chooseFiles: (selector, ...paths) => driver.findElement(By.css(selector)).sendKeys(paths.join('\n')),
          screenshot: async (path) => writeFileSync(path, await driver.takeScreenshot(), 'base64'),
          close: () => driver.get('about:blank'),
        };
      },
    };
  } catch (error) {
    await service.kill();
    screen.stop();
    throw error;
  }
}

/** A function's text with its arguments: what crosses to a page. */
const callOf = (work, args) => `(${work})(${args.map((value) => JSON.stringify(value)).join(', ')})`;

/** An X server that shows nothing to anybody. */
async function startScreen(width, height) {
  const server = spawn(virtualScreen, ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code}`)));
    server.stdio[3].once('data', (text) => resolve(String(text).trim()));
  });
  return { display: `:${number}`, stop: () => server.kill() };
}
