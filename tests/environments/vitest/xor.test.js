// In Vitest, on jsdom or happy-dom.

import { expect, test } from 'vitest';
import { readCsv } from 'feedforward';
import { run } from '../page/xor.js';

test('everything works', async () => {
  expect(typeof document).toBe('object');
  expect(await run()).toEqual({ xor: '0 1 1 0', worker: 'off the main thread', same: true, labels: 'yes no yes no', onnx: true });
});

test('files of the page are read', async () => {
  const text = 'a;b\n1;2\n3;4\n';
  expect((await readCsv(new TextEncoder().encode(text))).rows).toBe(2);
  expect((await readCsv(new Blob([text]))).rows).toBe(2);
});
