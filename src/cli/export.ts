// feedforward export: a model in the formats of other tools.

import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { nearest, show } from '../errors.js';
import { exportOnnx } from '../formats/onnx/export.js';
import { writeSafetensors, type TensorInput } from '../formats/safetensors.js';
import { exportModule } from '../formats/standalone.js';
import type { QuantizedModel } from '../quantize/quantizedModel.js';
import { exportWasm } from '../predict/standalone/wasm.js';
import { Exit } from './exit.js';
import { Interrupt } from './interrupt.js';
import { cost, inIntegers } from './integers.js';
import { openModel } from './modelFile.js';
import { Output } from './output.js';
import { size } from './report.js';
import type { Model } from '../report/facts/scores.js';
import { Terminal } from './terminal.js';

export interface ExportCommand {
  readonly model: string;
  readonly output: string;
  readonly format: string | undefined;
  /** What an ONNX graph reads; other formats have no choice. */
  readonly inputType: 'float32' | 'float64' | undefined;
  /** Whether code has the derivatives in the inputs too; of other formats there is none. */
  readonly gradient: boolean;
  /** Rows to calibrate whole numbers on: the model is then exported in these. */
  readonly int8: string | undefined;
  /** The loss of score that they may cost. */
  readonly maxLoss: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the command says of the export. */
type Settings = Pick<ExportCommand, 'inputType' | 'gradient'>;

interface Format {
  readonly extension: string;
  readonly what: string;
  /** What to write, by extension; the first takes the name that was asked for. */
  readonly write: (model: Model, settings: Settings) => Readonly<Record<string, Uint8Array | string>>;
  /** What to write of whole numbers. */
  readonly writeIntegers?: (model: QuantizedModel) => Readonly<Record<string, Uint8Array | string>>;
}

const moduleFiles = (...given: Parameters<typeof exportModule>) => {
  const { code, declaration } = exportModule(...given);
  return { '.js': code, '.d.ts': declaration };
};

const wasmFiles = (...given: Parameters<typeof exportWasm>) => {
  const { wasm, code, declaration } = exportWasm(...given);
  return { '.wasm': wasm, '.js': code, '.d.ts': declaration };
};

const formats: Readonly<Record<string, Format>> = {
  ff: {
    extension: '.ff',
    what: 'a model file of whole numbers, a fourth of the size, for feedforward/predict (with --int8)',
    write: () => {
      throw new Exit(2, 'export: the model is a model file already. --int8 rows.csv writes one of whole numbers.', 'ERR_OPTION');
    },
    writeIntegers: (model) => ({ '.ff': model.save() }),
  },
  onnx: {
    extension: '.onnx',
    what: 'the network with its scaler in front, for ONNX runtimes',
    write: (model, { inputType }) => ({ '.onnx': exportOnnx(model, inputType === undefined ? {} : { inputType }) }),
  },
  module: {
    extension: '.js',
    what: 'a JavaScript module that needs nothing else, with its types (.d.ts)',
    write: (model, { gradient }) => moduleFiles(model, { gradient }),
    writeIntegers: (model) => moduleFiles(model),
  },
  wasm: {
    extension: '.wasm',
    what: 'a WebAssembly module with its loader (.js) and types (.d.ts)',
    write: (model, { gradient }) => wasmFiles(model, { gradient }),
    writeIntegers: (model) => wasmFiles(model),
  },
  safetensors: {
    extension: '.safetensors',
    what: 'the weights alone, by name; of rescale layers center and scale too',
    write: (model) => {
      const tensors = model.model
        .parameters()
        .map(({ name, shape, values }): [string, TensorInput] => [name, { shape, data: values }]);
      // A rescale layer is (x - center) / scale * gain: the gain is a parameter, the other two are fixed numbers, in float64.
      for (const { path, rescale } of model.model.plan.layers)
        if (rescale !== undefined)
          for (const part of ['center', 'scale'] as const)
            tensors.push([`${path}.${part}`, { shape: [rescale[part].length], data: rescale[part] }]);
      return {
        '.safetensors': writeSafetensors(new Map(tensors), new Map([['featureNames', JSON.stringify(model.featureNames)]])),
      };
    },
  },
};

/** Names of the formats with what they are, for help. */
export const formatHelp = Object.entries(formats).map(
  ([name, { extension, what }]) => `${`${name} (${extension})`.padEnd(27)}${what}`,
);

export async function exportModel(command: ExportCommand): Promise<void> {
  const { output, inputType } = command;
  const terminal = new Terminal(command);
  const name = command.format ?? Object.keys(formats).find((format) => formats[format]!.extension === extname(output));
  if (name === undefined || !Object.hasOwn(formats, name)) refuse(name, extname(output) || output);
  if (inputType !== undefined && name !== 'onnx')
    throw new Exit(2, `export: --input-type is of --format onnx; ${name} has its own way with float64.`, 'ERR_OPTION');
  if (command.gradient && name !== 'module' && name !== 'wasm')
    throw new Exit(
      2,
      `export: --gradient is of --format module and --format wasm; ${name} files hold no code of ours.`,
      'ERR_OPTION',
    );
  const format = formats[name]!;
  if (command.int8 !== undefined && format.writeIntegers === undefined)
    throw new Exit(2, `export: --int8 is of the formats ff, module and wasm; ${name} takes float weights.`, 'ERR_OPTION');
  if (command.int8 !== undefined && command.gradient)
    throw new Exit(2, 'export: whole numbers (--int8) have no derivatives; leave --gradient out.', 'ERR_OPTION');
  if (command.int8 === undefined && command.maxLoss !== undefined)
    throw new Exit(2, 'export: --max-loss is of --int8.', 'ERR_OPTION');
  const open = await openModel(command.model);
  const { model } = open;
  const interrupt = new Interrupt(terminal);
  const files: Record<string, number> = {};
  const outputs: Output[] = [];
  let integers: QuantizedModel | undefined;
  try {
    if (command.int8 !== undefined) integers = await inIntegers(open, { ...command, int8: command.int8 }, interrupt);
    const written = integers === undefined ? format.write(model, command) : format.writeIntegers!(integers);
    for (const [extension, content] of Object.entries(written)) {
      const first = outputs.length === 0;
      const path = first ? output : `${output.slice(0, output.length - extname(output).length)}${extension}`;
      const inUse = [
        { what: 'the model', path: command.model },
        ...(command.int8 === undefined ? [] : [{ what: 'the data', path: command.int8 }]),
      ];
      if (!first) await refuseStranger(path, content, output);
      const file = await Output.open(path, inUse, interrupt);
      outputs.push(file);
      await file.write(content);
    }
    // All of them are whole: now they take their names.
    for (const file of outputs) files[file.path] = await file.commit();
  } finally {
    for (const file of outputs) await file.discard();
    interrupt.end();
  }
  const inputs = model.featureNames;
  terminal.result(
    () =>
      [
        ...Object.entries(files).map(([path, bytes]) => `saved ${path} (${size(bytes)})`),
        ...(integers === undefined ? [] : [cost(integers.report)]),
        `${format.what}; its inputs are ${inputs.slice(0, 12).join(', ')}${inputs.length > 12 ? `, … (${inputs.length} in all)` : ''}`,
      ].join('\n'),
    {
      command: 'export',
      model: command.model,
      format: name,
      files,
      featureNames: inputs,
      ...(integers && { quantized: integers.report }),
    },
  );
}

/**
 * What stands under the name of a companion (the .js and .d.ts beside a .wasm) is written over only when an earlier export of the same
 * format wrote it. @throws Exit 2.
 */
async function refuseStranger(path: string, content: string | Uint8Array, output: string): Promise<void> {
  const there = await readFile(path, 'utf8').catch(() => undefined);
  if (there === undefined || (isOurs(there) && needsWasm(there) === needsWasm(String(content)))) return;
  throw new Exit(
    2,
    `Cannot write ${output}: ${path}, which goes with it, is there already and is another file. Move that away, or choose another name for --output.`,
    'ERR_OPTION',
  );
}

const isOurs = (text: string) => /^\/\/ [^\n]*exported by feedforward/.test(text);
const needsWasm = (text: string) => text.includes('WebAssembly');

function refuse(name: string | undefined, given: string): never {
  const known = Object.keys(formats);
  const near = name === undefined ? undefined : nearest(name, known);
  const problem =
    name === undefined
      ? `cannot tell the format from ${show(given)}; use --format.`
      : `unknown format ${show(name)}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
  throw new Exit(2, `export: ${problem} Formats: ${known.join(', ')}.`, 'ERR_OPTION');
}
