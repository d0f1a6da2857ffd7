// The JavaScript that starts an exported WebAssembly module, and its declaration: records and rows in, answers out, labels and the self-test.

import type { Network, PredictingSource } from '../../formats/network.js';
import { inputGradientText, recordsText, rowsRead } from '../../formats/moduleRecords.js';
import {
  checkRow,
  checkRowText,
  classify,
  constants,
  constantsDeclared,
  functionsDeclared,
  header,
  selfTest,
} from '../../formats/moduleText.js';
import { testVector } from '../../formats/testVector.js';

type NumberType = 'float32' | 'float64';

const arrayOf: Readonly<Record<NumberType, string>> = { float32: 'Float32Array', float64: 'Float64Array' };

/** The text of the loader; what stands in memory at x and y is of the two types. */
export function loaderOf(
  model: PredictingSource,
  network: Network,
  {
    inputType,
    outputType,
    gradient,
  }: { readonly inputType: NumberType; readonly outputType: NumberType; readonly gradient: boolean },
): string {
  const { plan, labels, encoding } = network;
  const inner = (lines: string[]) => lines.map((line) => `  ${line.replace(/^export /, '')}`);
  return [
    header(network),
    '',
    ...constants(network),
    '',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export async function load(source) {',
    '  const { memory, heap, ...net } = (await WebAssembly.instantiate(await compile(await source))).exports;',
    '',
    '  function predict(rows) {',
    `    const x = ${rowsRead(encoding)};`,
    `    if (x.length === 0) return [];`,
    `    const y = place(x, outputs * ${arrayOf[outputType]}.BYTES_PER_ELEMENT);`,
    '    net.predict(heap.value, y, x.length);',
    `    const answers = new ${arrayOf[outputType]}(memory.buffer, y, x.length * outputs);`,
    '    return x.map((_, i) => Array.from(answers.subarray(i * outputs, (i + 1) * outputs)));',
    '  }',
    ...(labels ? ['', ...inner(classify(plan))] : []),
    ...(gradient ? ['', ...inner(inputGradientText(encoding, 'slopes(x, output)')), '', ...slopes] : []),
    '',
    ...inner(selfTest(testVector(model, network))),
    '',
    '  /** Puts rows into memory, and makes room for so many bytes of an answer to each; returns where that is. */',
    '  function place(x, answer) {',
    `    const y = Math.ceil((heap.value + ${arrayOf[inputType]}.BYTES_PER_ELEMENT * x.length * inputs) / 16) * 16;`,
    '    const missing = y + answer * x.length - memory.buffer.byteLength;',
    '    if (missing > 0) memory.grow(Math.ceil(missing / 65536));',
    `    const given = new ${arrayOf[inputType]}(memory.buffer, heap.value, x.length * inputs);`,
    '    x.forEach((row, i) => {',
    `      ${checkRow}`,
    '      given.set(row, i * inputs);',
    '    });',
    '    return y;',
    '  }',
    '',
    `  return { predict, ${labels ? 'classify, ' : ''}${gradient ? 'inputGradient, ' : ''}selfTest };`,
    '}',
    '',
    'function compile(source) {',
    '  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]") return source;',
    '  if (typeof source?.arrayBuffer === "function") return source.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));',
    '  return WebAssembly.compile(source);',
    '}',
    '',
    ...checkRowText,
    ...recordsText(encoding),
    '',
  ].join('\n');
}

const slopes = [
  '  function slopes(x, output) {',
  '    if (x.length === 0) return [];',
  '    const g = place(x, inputs * Float32Array.BYTES_PER_ELEMENT);',
  '    net.inputGradient(heap.value, g, x.length, output);',
  '    const found = new Float32Array(memory.buffer, g, x.length * inputs);',
  '    return x.map((_, i) => Array.from(found.subarray(i * inputs, (i + 1) * inputs)));',
  '  }',
];

/** The declaration of the loader. */
export function declarationOf(network: Network, gradient: boolean): string {
  return [
    ...constantsDeclared(network),
    'export interface Net {',
    ...functionsDeclared(network, '', gradient).map((line) => `  ${line}`),
    '}',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export declare function load(source: BufferSource | Response | WebAssembly.Module | Promise<Response>): Promise<Net>;',
    '',
  ].join('\n');
}
