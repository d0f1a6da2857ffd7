// Values from another realm, as node:vm makes them (pages: tests/package/pages.test.ts), give the bits of values from this one.

import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import * as library from '../../src/entries/page.js';
import { outcomes, type Realm } from '../support/realms.js';

const realm = runInContext(
  '({ Array, Date, Error, Float32Array, Float64Array, Map, Object, Uint8Array })',
  createContext({}),
) as Realm;
const here = await outcomes(library, globalThis);
const there = await outcomes(library, realm);

test('the realm is another', () => {
  expect(realm.Float32Array).not.toBe(Float32Array);
  expect(new realm.Map() instanceof Map).toBe(false);
});

test.each(Object.keys(here))('%s', (name) => {
  expect(there[name]).toEqual(here[name]);
});

test('nothing was refused but what an aborted signal ends', () => {
  const refused = Object.entries(here).filter(([, outcome]) => typeof outcome === 'string');
  expect(refused.map(([name]) => name)).toEqual(['a signal']);
});

test('class weights count', () => {
  expect(there['class weights of a model']).not.toEqual(there['rows of lists']);
});
