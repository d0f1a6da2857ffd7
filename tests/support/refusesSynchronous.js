// Loaded before a program (node --import): WebAssembly as Chrome before 115 has it on a page's main thread, where nothing of more than
// 4 kB is compiled or instantiated at once. REFUSES=modules leaves instances alone.

const limit = 4096;
const sizes = new WeakMap();
const { Module, Instance, compile, instantiate } = WebAssembly;

WebAssembly.Module = new Proxy(Module, {
  construct(target, [bytes], self) {
    if (bytes.byteLength > limit)
      throw new RangeError(
        'WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB. Use WebAssembly.compile, or compile on a worker thread.',
      );
    const module = Reflect.construct(target, [bytes], self === WebAssembly.Module ? Module : self);
    sizes.set(module, bytes.byteLength);
    return module;
  },
});

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, [module, ...rest]) {
    if (process.env.REFUSES !== 'modules' && !(sizes.get(module) <= limit))
      throw new RangeError(
        'WebAssembly.Instance is disallowed on the main thread, if the buffer size is larger than 4KB. Use WebAssembly.instantiate.',
      );
    return Reflect.construct(target, [module, ...rest]);
  },
});

globalThis.background = { compiled: 0, instantiated: 0 };
WebAssembly.compile = (...given) => {
  globalThis.background.compiled++;
  return compile(...given);
};
WebAssembly.instantiate = (...given) => {
  globalThis.background.instantiated++;
  return instantiate(...given);
};
