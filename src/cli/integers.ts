// feedforward export --int8: a model in whole numbers, calibrated on the rows of a CSV file.

import { streamCsv } from '../data/csv/index.js';
import type { Float64Rows } from '../data/matrix.js';
import { fail } from '../errors.js';
import { quantize } from '../quantize/quantize.js';
import { encodeIntegers } from '../quantize/file.js';
import { QuantizedModel } from '../quantize/quantizedModel.js';
import type { QuantizationReport } from '../quantize/report.js';
import { readContainer } from '../formats/container.js';
import { openOnce } from './input.js';
import type { Interrupt } from './interrupt.js';
import { dialectFor, tablesFor, type OpenModel } from './modelFile.js';

/** The model in whole numbers. @throws ERR_UNSUPPORTED where that costs more than maxLoss. */
export async function inIntegers(
  open: OpenModel,
  { model: path, int8, maxLoss }: { readonly model: string; readonly int8: string; readonly maxLoss: number | undefined },
  interrupt: Interrupt,
): Promise<QuantizedModel> {
  const { model, table } = open;
  const encoder = model.encoder!;
  const input = await openOnce(int8, interrupt);
  const parts: Float64Rows[] = [];
  try {
    const tables = streamCsv(input.open(), encoder.columns, { source: input.name, ...dialectFor(table, {}) });
    for await (const chunk of tablesFor(path, open, tables)) parts.push(encoder.transform64(chunk));
  } finally {
    await input.close();
  }
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  if (rows === 0) fail('ERR_EMPTY', `${input.name} has no rows to calibrate on.`);
  const data = new Float64Array(rows * encoder.outputs);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const quantized = quantize(model, { data, shape: [rows, encoder.outputs] }, maxLoss === undefined ? {} : { maxLoss });
  // How tables are read stands beside the model, as in the file that train wrote: predict and evaluate go by it.
  const sections = { ...readContainer(quantized.save()).sections(), table };
  return new QuantizedModel(encodeIntegers(quantized.layers, sections));
}

/** What it cost, in words. */
export function cost({ rows, score, after, largestDifference, bytesBefore, bytesAfter }: QuantizationReport): string {
  const share = `${(100 * after).toFixed(score === 'accuracy' ? 2 : 4)} %`;
  const same =
    score === 'accuracy'
      ? `answers ${share} of ${rows} rows as the model does`
      : `explains ${share} of what the model answers on ${rows} rows (R^2)`;
  return `in whole numbers it ${same}; the largest difference is ${largestDifference.toPrecision(3)}, the size of a model file ${Math.round(bytesBefore / 1000)} to ${Math.round(bytesAfter / 1000)} kB`;
}
