// A model of whole numbers as a WebAssembly module and its loader: the kernel of assembly/integer.ts with the memory it needs, weights laid out, in
// a custom section. The loader puts the relaxed dot product in where the engine has it, and does what stands between the products.

import { fail } from '../errors.js';
import { dotPlaces, Kernel, kernelModule, stepBytes } from '../integer/kernel.js';
import { functionsText, integerCode, introduction, neededText, type IntegerSource } from './integerCode.js';
import { functionsDeclared } from './moduleText.js';

/** The name of the section that holds the memory. */
const SECTION = 'model';

/** @throws ERR_UNSUPPORTED for what stands around the network and cannot be exported, by its name, and where this engine has no SIMD. */
export function integerWasm(model: IntegerSource): {
  wasm: Uint8Array<ArrayBuffer>;
  inputType: 'float32';
  outputType: 'float32';
  code: string;
  declaration: string;
} {
  const code = integerCode(model, 'exportWasm');
  const kernel =
    Kernel.start('simd') ??
    fail(
      'ERR_UNSUPPORTED',
      'exportWasm: a model of whole numbers is laid out by WebAssembly with SIMD, which does not run here.',
    );
  const records = code.dense.map((stage) => kernel.lay(stage));
  const most = (of: (stage: (typeof code.dense)[number]) => number) => Math.max(...code.dense.map(of));
  const [x, y, steps] = kernel.rooms([
    4 * most(({ inputs }) => (inputs + 15) & ~15),
    4 * most(({ outputs }) => (outputs + 3) & ~3),
    most(stepBytes),
  ]) as [number, number, number];
  for (const record of records) kernel.setSteps(record, steps);
  const inner = (lines: readonly string[]) => lines.map((line) => `  ${line.replace(/^export /, '')}`);
  const text = [
    ...introduction(model, code),
    `const layers = ${JSON.stringify(code.dense.map(({ outputs }, k) => ({ record: records[k], outputs })))};`,
    '',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export async function load(source) {',
    '  let { module, relaxed } = await compile(await source);',
    '  const { memory, dense: product } = (await WebAssembly.instantiate(module)).exports;',
    `  const image = new Uint8Array(WebAssembly.Module.customSections(module, "${SECTION}")[0]);`,
    '  if (image.length > memory.buffer.byteLength) memory.grow(Math.ceil((image.length - memory.buffer.byteLength) / 65536));',
    '  new Uint8Array(memory.buffer).set(image);',
    '  let sums;',
    '  if (relaxed) {',
    '    // Both ways are in the module; engines whose relaxed dot product is not what it should be get the other.',
    `    const row = ${JSON.stringify(code.sample)};`,
    '    const [fast, plain] = [1, 0].map((way) => {',
    '      relaxed = way;',
    '      sums = [];',
    '      run(row);',
    '      return sums;',
    '    });',
    '    sums = undefined;',
    '    if (fast.every((v, k) => v === plain[k])) relaxed = 1;',
    '  }',
    '',
    '  function dense(k, x) {',
    '    const { record, outputs } = layers[k];',
    `    new Float32Array(memory.buffer, ${x}, x.length).set(x);`,
    `    product(record, ${x}, 0, ${y}, 0, 1, relaxed);`,
    `    const made = new Float32Array(memory.buffer.slice(${y}, ${y} + 4 * outputs));`,
    '    sums?.push(...made);',
    '    return made;',
    '  }',
    '',
    ...inner(functionsText(code, model.layers.outputs)),
    '',
    `  return { predict, ${code.labels ? 'classify, ' : ''}selfTest };`,
    '}',
    compile,
    ...neededText(code),
  ];
  const declared = [
    ...introduction(model, code, true),
    'export interface Net {',
    ...functionsDeclared(code, '', false).map((line) => `  ${line}`),
    '}',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export declare function load(source: BufferSource | Response | WebAssembly.Module | Promise<Response>): Promise<Net>;',
    '',
  ];
  return {
    wasm: withSection(kernel.image()),
    inputType: 'float32',
    outputType: 'float32',
    code: text.join('\n'),
    declaration: declared.join('\n'),
  };
}

/** The kernel's module with a custom section at its end. */
function withSection(image: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = kernelModule();
  const name = Uint8Array.from(SECTION, (c) => c.charCodeAt(0));
  const head = [0, ...leb(1 + name.length + image.length), name.length, ...name];
  const all = new Uint8Array(module.length + head.length + image.length);
  all.set(module);
  all.set(head, module.length);
  all.set(image, module.length + head.length);
  return all;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const compile = `
async function compile(source) {
  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]") return { module: source, relaxed: 0 };
  const given = typeof source?.arrayBuffer === "function" ? await source.arrayBuffer() : source;
  const bytes = Uint8Array.from(ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given));
  try {
    const fast = bytes.slice();
    for (const at of ${JSON.stringify(dotPlaces)}) fast.set([0xfd, 0x93, 0x02], at);
    return { module: await WebAssembly.compile(fast), relaxed: 1 };
  } catch {
    return { module: await WebAssembly.compile(bytes), relaxed: 0 };
  }
}
`;
