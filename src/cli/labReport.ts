// What a lab found, for people and for the machines of a class.

import type { Failure, Verdict } from '../labs/checkLab.js';
import type { Findings, Measured } from '../labs/experiment.js';
import type { Lab } from '../labs/lab.js';
import { labs } from '../labs/lessons/labs.js';

export function listOfLabs(labs: readonly Lab[]): string {
  return [
    'feedforward lab N makes a file with gaps for lab N; feedforward lab N FILE checks what you made of it.',
    '',
    ...labs.map(({ number, title, checks }) => `  ${number}  ${title}: ${checks.map((check) => check.function).join(', ')}`),
  ].join('\n');
}

const marks = { passed: 'ok', failed: 'WRONG', skipped: '-' } as const;

/** The verdict in lines. */
export function textOf(verdict: Verdict, file: string, findings?: Findings): string {
  const { lab, title, checks, passed } = verdict;
  const failed = checks.find(({ status }) => status === 'failed');
  const next = labs.find(({ number }) => number === lab + 1);
  return [
    `Lab ${lab}, ${title}: ${file}`,
    '',
    ...checks.map((check) => `  ${marks[check.status].padEnd(6)} ${check.function}: ${check.title}`),
    '',
    ...(failed === undefined ? [] : explained(failed.failure!)),
    ...(passed
      ? [`All of it is right.${next === undefined ? '' : ` Next: npx feedforward lab ${next.number}  (${next.title})`}`]
      : []),
    ...(findings === undefined ? [] : ['', ...found(findings)]),
  ].join('\n');
}

function explained({ message, about, mistake, hint }: Failure): string[] {
  return [
    capital(message),
    ...(about === '' ? [] : [`  On: ${about}`]),
    ...(mistake === undefined ? [] : [`  Your numbers are those of a known mistake: ${mistake}.`]),
    ...(hint === undefined ? [] : [`  Hint: ${hint}`]),
  ];
}

const capital = (text: string) => (/^(the|an?|every) /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text);

/** What the proxy of a finished lab 6 is worth. */
function found({ paths, standardError, sizes, errors, deltaError, costs, paysInTime, paysInEnergy }: Findings): string[] {
  const { call, prediction, training } = costs;
  const cost = (name: string, { seconds, joules }: Measured) =>
    `  ${name.padEnd(36)}${short(1e6 * seconds)} us, ${short(1e6 * joules)} uJ`;
  const prices = (n: number) => (Number.isFinite(n) ? `${n} prices` : 'no number of prices');
  return [
    `Your functions on a call with ${paths} paths (standard error ${short(standardError)} of the strike) and a network 2-32-32-1:`,
    ...sizes.map((n, k) => `  ${`price after learning from ${n} rows`.padEnd(36)}off by ${short(errors[k]!)}`),
    `  ${'delta, against Black and Scholes'.padEnd(36)}off by ${short(deltaError)}`,
    cost('a price by simulation', call),
    cost('a price by the proxy', prediction),
    cost(`learning from ${sizes.at(-1)} rows`, training),
    `The proxy pays after ${prices(paysInTime)} in time, and after ${prices(paysInEnergy)} in energy${call.method === 'rapl' ? '' : ' (an estimate from processor time)'}.`,
  ];
}

const short = (value: number) => String(Number(value.toPrecision(2)));

/** The verdict as JUnit's XML, a test case for each function. */
export function junit({ lab, title, checks }: Verdict, file: string, seconds: number): string {
  const count = (status: string) => checks.filter((check) => check.status === status).length;
  const cases = checks.map(({ function: name, title, status, failure }) => {
    const head = `    <testcase classname="lab${lab}" name="${escaped(`${name}: ${title}`)}" file="${escaped(file)}" time="0"`;
    if (status === 'passed') return `${head}/>`;
    if (status === 'skipped') return `${head}><skipped message="comes after the function that failed"/></testcase>`;
    const { message, mistake } = failure!;
    const type = mistake === undefined ? 'wrong' : mistake;
    return `${head}><failure type="${escaped(type)}" message="${escaped(message)}">${escaped(explained(failure!).join('\n'))}</failure></testcase>`;
  });
  const facts = `tests="${checks.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${facts}>`,
    `  <testsuite name="${escaped(`feedforward lab ${lab}: ${title}`)}" ${facts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

/** Text in XML 1.0: what that cannot hold (most control characters, lone surrogates) becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu,
      '\ufffd',
    )
    .replace(/[&<>"\n\t\r]/g, (character: string) => entities[character]!);
}
