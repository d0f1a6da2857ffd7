// What each function of the core that only predicts calls, and what it is of: an activation's rule, a kind of layer, or neither. Exported modules
// (src/predict/standaloneWasm.ts) leave out the functions that their network never calls.

import binaryen from 'binaryen';

/** What a function is of, by its name: 'Tanh forward', 'BatchNorm', …; undefined for those that any network may call. */
function featureOf(name) {
  const rule = /sweeps\/(?:Forward|Backward)#over<assembly\/functions\/activations\/(\w+)>$/.exec(name);
  if (rule) return rule[1];
  const [, own] = /sweeps\/(prelu|softmax|logSoftmax)(Forward|Backward)?$/.exec(name) ?? [];
  if (own) return own[0].toUpperCase() + own.slice(1);
  return /layers\/\w+\/(batchNorm|layerNorm|rescale|residual|dense|embedding|edge)/.exec(name)?.[1];
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
