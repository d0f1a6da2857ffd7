// A plugin for the bundler: AssemblyScript's loader less what it does for objects of the language, such as strings. The core takes and returns
// numbers and imports nothing but a memory, so src/engine/instance.ts takes an instance's own exports; and the text decoder that strings would
// need is missing in some test environments.

/** What stands in the loader, and what stands there in its place. */
const changes = [
  [
    `export function instantiateSync(source, imports = {}) {
  const module = isModule(source) ? source : new WebAssembly.Module(source);
  const extended = preInstantiate(imports);
  const instance = new WebAssembly.Instance(module, imports);
  const exports = postInstantiate(extended, instance);
  return { module, instance, exports };`,
    `export function instantiateSync(source, imports = {}) {
  const module = isModule(source) ? source : new WebAssembly.Module(source);
  const instance = new WebAssembly.Instance(module, imports);
  return { module, instance };`,
  ],
  [
    `Object.hasOwn = Object.hasOwn || function(obj, prop) {
  return Object.prototype.hasOwnProperty.call(obj, prop);
};`,
    '',
  ],
  ['const utf16 = new TextDecoder', 'const utf16 = /* @__PURE__ */ new TextDecoder'],
];

export function leanLoader() {
  return {
    name: 'lean-loader',
    transform: {
      filter: { id: /@assemblyscript\/loader\/index\.js$/ },
      handler(code) {
        let changed = code;
        for (const [from, to] of changes) {
          if (changed.split(from).length !== 2) throw new Error(`AssemblyScript's loader no longer has: ${from}`);
          changed = changed.replace(from, to);
        }
        return { code: changed, map: null };
      },
    },
  };
}
