// feedforward export: a model in the formats of other tools.

import { extname } from 'node:path';
import type { Label } from '../data/labels.js';
import { fail, nearest, show } from '../errors.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { writeFileAtomic } from '../formats/files.js';
import { exportOnnx } from '../formats/onnx/export.js';
import { writeSafetensors, type TensorInput } from '../formats/safetensors.js';
import { Exit } from './exit.js';
import { openModel } from './modelFile.js';
import { size } from './report.js';
import type { Model } from './scores.js';
import { Terminal } from './terminal.js';

export interface ExportCommand {
  readonly model: string;
  readonly output: string;
  readonly format: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

interface Format {
  readonly extension: string;
  readonly what: string;
  readonly write: (model: Model) => Uint8Array | Promise<Uint8Array>;
}

const formats: Readonly<Record<string, Format>> = {
  onnx: {
    extension: '.onnx',
    what: 'the network with its scaler in front, for ONNX runtimes; inputs in the order of featureNames',
    write: (model) => exportOnnx(model.model, surroundings(model)),
  },
  safetensors: {
    extension: '.safetensors',
    what: 'the weights alone, by name',
    write: (model) => {
      const tensors = new Map<string, TensorInput>(
        model.model.parameters().map(({ name, shape, values }) => [name, { shape, data: values }]),
      );
      return writeSafetensors(tensors, new Map([['featureNames', JSON.stringify(model.featureNames)]]));
    },
  },
  module: {
    extension: '.js',
    what: 'a JavaScript module on its own',
    write: () => fail('ERR_UNSUPPORTED', 'export --format module: not yet. Formats there are: onnx, safetensors.'),
  },
};

/** Names of the formats with what they are, for help. */
export const formatHelp = Object.entries(formats).map(([name, { extension, what }]) => `${name} (${extension}): ${what}`);

function surroundings(model: Model): { labels?: readonly Label[]; [option: string]: unknown } {
  const { scaler, featureNames } = model;
  const common = { ...(scaler === undefined ? {} : { scaler }), featureNames };
  if (model instanceof MLPRegressor)
    return { ...common, ...(model.targetScaler === undefined ? {} : { targetScaler: model.targetScaler }) };
  return { ...common, labels: model.classes };
}

export async function exportModel(command: ExportCommand): Promise<void> {
  const terminal = new Terminal(command);
  const extension = extname(command.output);
  const name = command.format ?? Object.keys(formats).find((format) => formats[format]!.extension === extension);
  const known = Object.keys(formats);
  if (name === undefined || !Object.hasOwn(formats, name)) {
    const near = name === undefined ? undefined : nearest(name, known);
    throw new Exit(
      2,
      `export: ${name === undefined ? `cannot tell the format from ${show(extension || command.output)}; use --format.` : `unknown format ${show(name)}.${near === undefined ? '' : ` Did you mean ${near}?`}`} Formats: ${known.join(', ')}.`,
      'ERR_OPTION',
    );
  }
  const { model } = await openModel(command.model);
  const bytes = await formats[name]!.write(model);
  await writeFileAtomic(command.output, bytes);
  terminal.result(() => `saved ${command.output} (${size(bytes.length)}): ${formats[name]!.what}`, {
    command: 'export',
    model: command.model,
    format: name,
    output: command.output,
    bytes: bytes.length,
    featureNames: model.featureNames,
  });
}
