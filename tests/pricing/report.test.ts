// The pricing report, with a hundredth of its work: that it runs to its end, and that its page needs nothing from elsewhere.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'pricing-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('node examples/pricing/report.js --quick writes a page with every table and picture, which loads nothing', async () => {
  const script = join(import.meta.dirname, '../../examples/pricing/report.js');
  const { code, stdout, stderr } = await feedforward(['--quick', '--out', folder], { cwd: folder, program: script });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Asian call.*\nMet: with 95 % confidence/);
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(7);
  expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  for (const title of ['A call, from values', 'Where they err', 'How many samples', 'In place of costly functions', 'Energy'])
    expect(page).toContain(title);
  const facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as {
    replaced: { asian: { certificate: { met: boolean } } };
  };
  expect(facts.replaced.asian.certificate.met).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith('.svg'))).toHaveLength(7);
}, 180_000);
