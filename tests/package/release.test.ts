// scripts/release.mjs packs what npm's provenance takes, and refuses what it would not.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const script = join(root, 'scripts/release.mjs');

test('refuses to pack without the address of the repository', () => {
  for (const args of [[], ['--repository', 'owner/name'], ['--repository', 'http://example.org/owner/feedforward']]) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/--repository/);
  }
});

test('version, changelog and citation agree, and the changelog has a part for what is not released', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  expect(changelog).toMatch(/^# Changelog\n\n## Unreleased\n/);
  expect(changelog).toContain(`\n## ${version}\n`);
  expect(readFileSync(join(root, 'CITATION.cff'), 'utf8')).toContain(`\nversion: ${version}\n`);
});

test('the package it packs names repository, homepage and bugs; the one in the working tree does not', () => {
  const out = mkdtempSync(join(tmpdir(), 'packed-'));
  try {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    const text = execFileSync(
      process.execPath,
      [script, '--repository', 'https://example.org/owner/feedforward.git', '--out', out, '--no-build'],
      { encoding: 'utf8' },
    );
    const tarball = /^(\S+\.tgz):/m.exec(text)![1]!;
    const packed = JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' })) as Record<
      string,
      unknown
    >;
    expect(packed['repository']).toEqual({ type: 'git', url: 'git+https://example.org/owner/feedforward.git' });
    expect(packed['homepage']).toBe('https://example.org/owner/feedforward#readme');
    expect(packed['bugs']).toBe('https://example.org/owner/feedforward/issues');
    expect(packed['exports']).toEqual((JSON.parse(manifest) as Record<string, unknown>)['exports']);
    expect(packed).not.toHaveProperty('devDependencies');
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(manifest);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
