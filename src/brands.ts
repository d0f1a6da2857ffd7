// What a value is, whichever realm made it: instanceof knows the classes of its own realm alone, and values come from iframes, from
// node:vm, from Jest. Engines tell what they made themselves by its internal slots, and Object.prototype.toString says it.

/** 'Float32Array', 'Map', 'Date', 'ArrayBuffer', …: what the engine made the value as; 'Object' for most others. */
export const brandOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Its getter gives the name of a typed array's class, from its internal slot; undefined for anything else. Makes no object: steps on one batch ask it. */
const typedArrayName = /* @__PURE__ */ Object.getOwnPropertyDescriptor(
  /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!;

export const isFloat32 = (value: unknown): value is Float32Array => typedArrayName.get!.call(value) === 'Float32Array';

export const isFloat64 = (value: unknown): value is Float64Array => typedArrayName.get!.call(value) === 'Float64Array';

/** Bytes; Node's Buffers too. */
export const isUint8 = (value: unknown): value is Uint8Array => typedArrayName.get!.call(value) === 'Uint8Array';

export const isArrayBuffer = (value: unknown): value is ArrayBuffer => brandOf(value) === 'ArrayBuffer';

export const isSharedBuffer = (value: unknown): value is SharedArrayBuffer => brandOf(value) === 'SharedArrayBuffer';

export const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> => brandOf(value) === 'Map';

export const isDate = (value: unknown): value is Date => brandOf(value) === 'Date';

export const isUrl = (value: unknown): value is URL => brandOf(value) === 'URL';

export const isModule = (value: unknown): value is WebAssembly.Module => brandOf(value) === 'WebAssembly.Module';

/** An Error, or a DOMException such as an AbortError. */
export const isError = (value: unknown): value is Error => /^(Error|DOMException)$/.test(brandOf(value));
