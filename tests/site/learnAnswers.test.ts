// What people type into the questions of the live pages.

import { describe, expect, test } from 'vitest';
import { isAnswer, numberIn } from '../../site/learn/kit/answers.js';

describe('a typed number is read as people mean it', () => {
  test.each([
    ['12', 12],
    [' 12 ', 12],
    ['+12.50', 12.5],
    ['.5', 0.5],
    ['203540', 203540],
    ['203,540', 203540],
    ['203 540', 203540],
    ["203'540", 203540],
    ['1,000,000', 1e6],
    ['1 000 000', 1e6],
    ['1,234.5', 1234.5],
    ['-1,234', -1234],
    ['0,25', 0.25],
    ['0,125', 0.125],
    ['3,14', 3.14],
    ['3,1416', 3.1416],
    ['−3', -3],
    ['–3', -3],
    ['1e6', 1e6],
    ['1E-3', 1e-3],
    ['1.5e+2', 150],
    ['10^6', 1e6],
    ['10^-6', 1e-6],
    ['10^(−12)', 1e-12],
    ['10**6', 1e6],
    ['10⁶', 1e6],
    ['10⁻³', 1e-3],
    ['2·10^6', 2e6],
    ['2 × 10⁶', 2e6],
    ['-2^4', -16],
    ['1/4', 0.25],
    ['-1 / 4', -0.25],
    ['1/2^10', 2 ** -10],
    ['25 %', 0.25],
    ['25%', 0.25],
    ['8,949 %', 89.49],
    ['2.5 per cent', 0.025],
  ])('%s', (text, value) => {
    expect(numberIn(text)).toBeCloseTo(value, 12);
  });

  test.each([
    '',
    ' ',
    'many',
    '1,2,3',
    '1,23,456',
    '1.2.3',
    '1/0',
    '1/2/3',
    '1/',
    '/4',
    '10^',
    '%',
    '12 apples',
    'Infinity',
    '0x10',
    '--1',
  ])('%j is no number', (text) => {
    expect(numberIn(text)).toBeNaN();
    expect(isAnswer(text, 0, 1e9)).toBeUndefined();
  });
});

test('an answer is right within its tolerance, and a per cent sign reads as a share or as per cents', () => {
  expect(isAnswer('1024.4', 1024, 0.5)).toBe(true);
  expect(isAnswer('1024.6', 1024, 0.5)).toBe(false);
  expect(isAnswer('34.9 %', 0.349, 0.001)).toBe(true);
  expect(isAnswer('34.9 %', 34.9, 0.1)).toBe(true);
  expect(isAnswer('0.349', 34.9, 0.1)).toBe(false);
});
