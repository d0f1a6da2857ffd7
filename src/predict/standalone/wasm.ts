// A network as a WebAssembly module of its own: the core that only predicts, of which the functions stay that the network calls (lean.ts), the
// memory in which it has built the network (image.ts), and rows in, answers out around it (glue.ts).
//
//     memory:  | what the core built: constants, layers, weights | its room for rows at work | numbers of scalers | heap: rows in, answers out |

import { LayerKind } from '../../../assembly/abi.js';
import { SavedState } from '../../data/columns.js';
import { isIntegerSource, refuseOptions, type IntegerSource } from '../../formats/integerCode.js';
import { integerWasm } from '../../formats/integerWasm.js';
import { plainOptions } from '../../formats/encodeModel.js';
import {
  type FittedEstimator,
  type ModuleOptions,
  moduleRows,
  type Network,
  openNetwork,
  type PredictingSource,
  refuseActivation,
  refuseFlat,
  refuseLayer,
} from '../../formats/network.js';
import { readOptions } from '../../options.js';
import { activationIds } from '../../plan/activations.js';
import { layersOf } from '../layers.js';
import { i32, name, section, Type, uleb, vector } from './assembler.js';
import { type Around, gradientFunction, loadFunction, type Made, predictFunction, readsDoubles, writesDoubles } from './glue.js';
import { type Image, imageOf, segmentsOf } from './image.js';
import { leanCore } from './lean.js';
import { declarationOf, loaderOf } from './loader.js';

/** A network as a WebAssembly module, the JavaScript that loads it, and its type declarations. */
export interface StandaloneWasm {
  /**
   * The module's bytes, which import nothing. Exports: `memory`, `heap` (the first byte where rows may be put, a multiple of 16), and
   * predict(x, y, rows), x and y being addresses of rows one after the other; with `gradient` also inputGradient(x, g, rows, output), which leaves at
   * g a float32 number for each input of each row. Of a model of whole numbers the module holds the dense layers, and the loader what is between them.
   */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /**
   * What the numbers at x are: float64 where a scaler or a rescale layer comes first, whose input must not be rounded before; else float32. The
   * loader knows.
   */
  readonly inputType: 'float32' | 'float64';
  /** What the numbers at y are: float64 where a scaler of the targets is undone, else float32. */
  readonly outputType: 'float32' | 'float64';
  /** The text of an ES module with `load(source)`, source being the bytes, a Response or a WebAssembly.Module. */
  readonly code: string;
  /** The loader's TypeScript declaration. */
  readonly declaration: string;
}

/**
 * The network of a model or a fitted estimator as a WebAssembly module (with SIMD) and its loader. The arithmetic is that of the core, so answers have
 * the bits of a model with `deterministic: true`, whatever the engine.
 * @throws ERR_UNSUPPORTED naming a layer or an activation that the module cannot have, and where this engine has no WebAssembly SIMD; ERR_NONFINITE for
 * weights that are not numbers; ERR_SHAPE, ERR_OPTION, ERR_MEMORY.
 * @example
 * const { wasm, code } = exportWasm(model);
 * writeFileSync('net.wasm', wasm);
 * writeFileSync('net.js', code);
 * // import { load } from './net.js';
 * // const net = await load(fetch('net.wasm'));
 * // net.predict([[1, 2]]);
 */
export function exportWasm(
  model: PredictingSource | FittedEstimator<PredictingSource> | IntegerSource,
  options: ModuleOptions = {},
): StandaloneWasm {
  const { gradient } = readOptions(moduleRows, options, 'exportWasm');
  if (isIntegerSource(model)) {
    refuseOptions(options, 'exportWasm');
    return integerWasm(model);
  }
  const { source, network } = openNetwork(model, options, 'exportWasm');
  const { plan, scaler, targetScaler } = network;
  checkLayers(network);
  if (gradient) refuseFlat(plan, 'exportWasm');
  const layers = layersOf(new SavedState(plainOptions(plan), 'model', true));
  const center = layers.center?.some((c) => c !== 0) ? layers.center : undefined;
  const around: Around = { scaler, center, targetScaler, inputs: plan.inputs, outputs: plan.outputs };
  const places = new Map(plan.tensors.map((tensor, i) => [tensor.name, i]));
  const image = imageOf(layers, (tensor) => network.tensors[places.get(tensor.name)!]!);
  const [inputType, outputType] = [readsDoubles(around), writesDoubles(around)].map((double) =>
    double ? 'float64' : 'float32',
  ) as [StandaloneWasm['inputType'], StandaloneWasm['outputType']];
  return {
    wasm: moduleOf(network, image, around, gradient),
    inputType,
    outputType,
    code: loaderOf(source, network, { inputType, outputType, gradient }),
    declaration: declarationOf(network, gradient),
  };
}

/** Refuses by name what only a plan of a later version, or a forged one, can hold. */
function checkLayers({ plan }: Network): void {
  for (const layer of plan.layers) {
    if (LayerKind[layer.kind] === undefined) refuseLayer(layer, 'exportWasm', 'the standalone module');
    if (!Object.hasOwn(activationIds, layer.activation.name)) refuseActivation(layer, 'exportWasm', 'the standalone module');
  }
}

function moduleOf({ plan }: Network, image: Image, around: Around, gradient: boolean): Uint8Array<ArrayBuffer> {
  const core = leanCore(plan, gradient);
  const segments = segmentsOf(image.memory);
  let heap = image.memory.length;
  const put = (values: Float64Array): number => {
    const at = heap;
    segments.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    heap += (values.byteLength + 15) & ~15;
    return at;
  };
  const first = core.code.length;
  const callees = { forward: core.forward, inputGradient: core.inputGradient, load: first };
  const made: Made[] = [loadFunction(image, around, put), predictFunction(image, around, callees, put)];
  if (gradient) made.push(gradientFunction(image, around, callees, put));
  const exported = ['predict', 'inputGradient'].slice(0, made.length - 1);
  return joined([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector([...core.types.map((type) => [...type]), ...made.map(({ type }) => type)])),
    section(3, vector([...core.functions, ...made.map((_, i) => core.types.length + i)].map(uleb))),
    section(5, vector([[0x00, ...uleb(Math.ceil(heap / 65536))]])),
    section(6, vector([[Type.i32, 0x00, ...i32.const(heap), 0x0b]])),
    section(
      7,
      vector([
        [...name('memory'), 0x02, 0],
        [...name('heap'), 0x03, 0],
        ...exported.map((of, i) => [...name(of), 0x00, ...uleb(first + 1 + i)]),
      ]),
    ),
    ...largeSection(10, [...core.code, ...made.map(({ code }) => code)]),
    ...largeSection(
      11,
      segments.flatMap(({ at, bytes }) => [[0x00, ...i32.const(at), 0x0b, ...uleb(bytes.length)], bytes]),
      segments.length,
    ),
  ]);
}

/** A section in parts, not as a list of numbers as long as the weights. */
function largeSection(id: number, parts: readonly ArrayLike<number>[], items = parts.length): ArrayLike<number>[] {
  const count = uleb(items);
  return [[id, ...uleb(parts.reduce((sum, part) => sum + part.length, count.length))], count, ...parts];
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
