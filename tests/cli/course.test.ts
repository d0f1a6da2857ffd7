// feedforward course, as it was built: lists the pages, runs one, refuses what there is not.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'course-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });
const pages = join(import.meta.dirname, '../../examples/course');

describe('feedforward course', () => {
  test('lists every page there is, with what it is about', async () => {
    const { code, stdout } = await run('course --json');
    expect(code).toBe(0);
    const listed = (JSON.parse(stdout) as { pages: { part: string; name: string; about: string }[] }).pages;
    const files = readdirSync(pages).filter((file) => file.endsWith('.js'));
    expect(listed.map(({ name }) => `${name}.js`).sort()).toEqual(files.sort());
    const text = (await run('course')).stdout;
    for (const { part, name, about } of listed) {
      expect(text).toMatch(new RegExp(`^${part}$`, 'm'));
      expect(text).toContain(`  ${name} `);
      expect(text).toContain(about);
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThan(100);
  });

  test('runs a page: figures beside the theory, a picture in characters, an SVG and the words as files', async () => {
    const { code, stdout, stderr } = await run('course momentum --svg m.svg --text m.txt');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/condition number +method +steps to 1e-6 +factor per step +theory/);
    expect(stdout).toMatch(/│ *•/);
    expect(stdout).toMatch(/wrote m\.svg/);
    const svg = readFileSync(join(folder, 'm.svg'), 'utf8');
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).toContain('>condition number</text>');
    const text = readFileSync(join(folder, 'm.txt'), 'utf8');
    expect(stdout).toContain(text.trim());
    expect(text).not.toMatch(/[│•]/);
  });

  test('prints one object with --json, nothing with --quiet, and the program with --source', async () => {
    const figures = JSON.parse((await run('course momentum --json')).stdout) as Record<string, object>;
    expect(Object.keys(figures)).toEqual(['10', '100', '1000']);
    expect((await run('course momentum --quiet')).stdout).toBe('');
    expect((await run('course momentum --source')).stdout).toBe(readFileSync(join(pages, 'momentum.js'), 'utf8'));
  });

  test('refuses a page there is not, options it does not know, and files it cannot write', async () => {
    const unknown = await run('course momentm');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/no page is called "momentm"\. Did you mean "momentum"\? Pages: perceptron, /);
    expect(unknown.stderr.trim().split('\n').length).toBe(1);
    expect((await run('course momentum --steps 3')).code).toBe(2);
    const nowhere = await run('course momentum --svg nowhere/m.svg --quiet');
    expect(nowhere.code).toBe(4);
    expect(nowhere.stderr).toMatch(/nowhere\/m\.svg/);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    expect((await run('course momentum --source --json')).code).toBe(2);
  });
});
