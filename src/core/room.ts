// What a model needs of WebAssembly memory, in words, when there is no room: the model itself (weights, gradients, what the optimizer
// keeps), which no batch size makes smaller, and the batches.

import { OptimizerField } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';

/** What one WebAssembly memory can hold, in bytes. */
const MOST_BYTES = 2 ** 32;

/**
 * A network of random weights is there to be trained: when its weights, gradients and the optimizer's state cannot be in memory together,
 * that is said before the weights are drawn.
 * @throws ERR_MEMORY with the bytes of each.
 */
export function refuseUntrainable({ tensors, optimizer }: NetworkPlan): void {
  const bytesOf = (chosen: NetworkPlan['tensors']) =>
    4 * chosen.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const weights = bytesOf(tensors);
  const trained = bytesOf(tensors.filter(({ trainable, frozen }) => trainable && !frozen));
  const historySize = optimizer.constants[OptimizerField.HistorySize];
  // L-BFGS: float64 vectors, a pair more than it keeps and the direction.
  const slots = optimizer.slots.length + (historySize > 0 ? 2 * (2 * (historySize + 1) + 1) : 0);
  const bytes = weights + trained * (1 + slots);
  if (bytes <= MOST_BYTES || tensors.every(({ init }) => init.name === 'zeros')) return;
  const state = slots === 0 ? '' : `, what ${optimizer.name} keeps ${size(slots * trained)}`;
  const lighter =
    slots > 0 && weights + trained <= MOST_BYTES ? `, or the optimizer 'sgd' without momentum, which keeps nothing` : '';
  fail(
    'ERR_MEMORY',
    `This network cannot be trained: its weights need ${size(weights)}, its gradients ${size(trained)}${state}, together ${size(bytes)}, and WebAssembly memory ends at 4.3 GB. Use fewer units${lighter}. Another batchSize does not help.`,
    { bytes },
  );
}

/** @throws ERR_UNSUPPORTED for an activation that only JavaScript can compute. */
export function refuseCustom({ layers }: NetworkPlan): void {
  for (const { path, activation } of layers)
    if (activation.custom !== undefined)
      fail(
        'ERR_UNSUPPORTED',
        `${path}: the activation "${activation.name}" is a function of yours, and the WebAssembly core calls nothing back. Use MLP of feedforward/baseline, or a built-in activation.`,
      );
}

/** @throws ERR_MEMORY saying what helps: `alone` are the bytes that the model needs with one row, `bytes` what it needs as asked. */
export function refuseWindow(rows: number, batchSize: number, bytes: number, alone: number): never {
  const batches = `${rows} rows in batches of ${batchSize} need ${bytes} bytes of WebAssembly memory, which the engine refused.`;
  return fail(
    'ERR_MEMORY',
    alone > MOST_BYTES || alone > 0.9 * bytes
      ? `${batches} The model itself needs ${size(alone)} of that: use fewer units, or an optimizer that keeps less. Another batchSize does not help.`
      : `${batches} Use a smaller batchSize.`,
    { bytes },
  );
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
