// What each function of the core that only predicts calls, and what it is of: an activation's rule, a kind of layer, or neither. Exported modules
// (src/predict/standaloneWasm.ts) leave out the functions that their network never calls.

import binaryen from 'binaryen';
import { keepParts } from './keep-parts.mjs';

/** What the core is compiled with. */
const FEATURES = [
  'SIMD128',
  'RelaxedSIMD',
  'Atomics',
  'MutableGlobals',
  'NontrappingFPToInt',
  'BulkMemory',
  'BulkMemoryOpt',
  'SignExt',
];

/** What a function is of, by its name: 'Tanh forward', 'BatchNorm', …; undefined for those that any network may call. */
function featureOf(name) {
  const rule = /sweeps\/(?:Forward|Backward)#over<assembly\/functions\/activations\/\w+\/(\w+)>$/.exec(name);
  if (rule) return rule[1];
  const [, own] = /sweeps\/(prelu|softmax|logSoftmax)(Forward|Backward)?$/.exec(name) ?? [];
  if (own) return own[0].toUpperCase() + own.slice(1);
  return /layers\/\w+\/(batchNorm|layerNorm|rescale|residual|dense|embedding|edge)/.exec(name)?.[1];
}

/**
 * The core with names, and the functions of a few bytes in those that call them: an engine compiles each function as it is first called, which for
 * such a one takes longer than all its calls. The parts that exported modules leave out stay functions of their own.
 */
export function withFewerCalls(named) {
  const module = binaryen.readBinary(named);
  module.setFeatures(FEATURES.reduce((all, name) => all | binaryen.Features[name], 0));
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(1);
  binaryen.setDebugInfo(true);
  keepParts(module);
  binaryen.setAlwaysInlineMaxSize(15);
  binaryen.setFlexibleInlineMaxSize(20);
  binaryen.setOneCallerInlineMaxSize(0);
  module.runPasses(['inlining-optimizing', 'remove-unused-module-elements', 'vacuum', 'reorder-locals']);
  return module.emitBinary();
}

/** Of the core with names: what each function calls, by its index, what it is of, and where the two walks and the tables of constants are. */
export function partsOf(named) {
  const text = binaryen.readBinary(named).emitText();
  if (/call_indirect|ref\.func|\(import /.test(text))
    throw new Error('The predicting core calls functions that are not named in its code: nothing of it can be left out.');
  const functions = text.split(/^ \(func /m).slice(1);
  const nameOf = (quoted) => quoted.replace(/^\$"?|"?$/g, '');
  const names = functions.map((body) => nameOf(/^\$"[^"]*"|^\$[^\s)]+/.exec(body)[0]));
  const indexOf = (quoted) => {
    const index = names.indexOf(nameOf(quoted));
    if (index < 0) throw new Error(`The predicting core has no function ${quoted}.`);
    return index;
  };
  const calls = functions.map((body) => [
    ...new Set([...body.matchAll(/\(call (\$"[^"]*"|\$[^\s)]+)/g)].map(([, callee]) => indexOf(callee))),
  ]);
  const features = Object.fromEntries(
    names.flatMap((name, i) => {
      const feature = featureOf(name);
      return feature === undefined ? [] : [[i, feature]];
    }),
  );
  for (const feature of [
    'Tanh',
    'Relu',
    'Softmax',
    'Prelu',
    'dense',
    'batchNorm',
    'layerNorm',
    'rescale',
    'residual',
    'embedding',
    'edge',
  ])
    if (!Object.values(features).includes(feature))
      throw new Error(`Nothing in the predicting core is told to be of ${feature} alone.`);
  const exported = (name) => indexOf(new RegExp(`\\(export "${name}" \\(func (\\$"[^"]*"|\\$[^\\s)]+)\\)`).exec(text)[1]);
  return {
    calls,
    features,
    forward: exported('forward'),
    inputGradient: exported('inputGradient'),
    setUp: indexOf('assembly/kernels/math/fill'),
  };
}

/** A function's code that traps: local count 0, unreachable, end; its size in front. */
const trap = [3, 0, 0x00, 0x0b];

/**
 * The core in two: `light` without the functions that only the walk back to the inputs calls, a trap of four bytes in the place of each, and `back`, those
 * functions one after the other. `code`: where the section of the code begins, which is the last; `head`: what of the whole core
 * stands in it before the functions, behind its number; `functions`: where the first one begins in `light`.
 * src/predict/wholeCore.ts puts them together again.
 */
export function splitCore(module, named) {
  const { calls, inputGradient } = partsOf(named);
  const binary = binaryen.readBinary(named);
  const text = binary.emitText();
  const order = text
    .split(/^ \(func /m)
    .slice(1)
    .map((body) => /^\$"[^"]*"|^\$[^\s)]+/.exec(body)[0]);
  const roots = [...text.matchAll(/\(export "\w+" \(func (\$"[^"]*"|\$[^\s)]+)\)/g)].map(([, name]) => order.indexOf(name));
  const kept = new Set();
  const visit = (i) => {
    if (kept.has(i)) return;
    kept.add(i);
    calls[i].forEach(visit);
  };
  roots.filter((i) => i !== inputGradient).forEach(visit);
  let code = 8;
  for (let at = 8; at < module.length; ) {
    code = at;
    const [size, start] = number(module, at + 1);
    at = start + size;
  }
  const [count, functions] = number(module, number(module, code + 1)[1]);
  if (module[code] !== 10 || count !== calls.length) throw new Error('The code of the predicting core is not its last section.');
  const light = [];
  const back = [];
  for (let i = 0, at = functions; i < count; i++) {
    const [size, start] = number(module, at);
    const own = [...module.subarray(at, start + size)];
    if (own.join() === trap.join()) throw new Error(`Function ${i} of the predicting core is a trap already.`);
    if (kept.has(i)) light.push(...own);
    else {
      light.push(...trap);
      back.push(...own);
    }
    at = start + size;
  }
  const counted = [...leb(count), ...light];
  const head = [...module.subarray(0, code), 10, ...leb(counted.length), ...leb(count)];
  const wholeHead = [...module.subarray(code + 1, functions)];
  return {
    light: Uint8Array.from([...head, ...light]),
    back: Uint8Array.from(back),
    ...{ code, head: wholeHead, functions: head.length },
  };
}

/** The number at a place, in LEB128, and where it ends. */
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** A module without its custom sections. */
export function withoutNames(module) {
  const kept = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const start = at++;
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      size |= (module[at] & 0x7f) << shift;
      more = module[at++] >= 0x80;
    }
    at += size;
    if (module[start] !== 0) kept.push(module.subarray(start, at));
  }
  return Buffer.concat(kept);
}
