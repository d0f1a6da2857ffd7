// Packs the core for src/engine/binaries.ts: the relaxed build under LZMA, and the unpacker (unpack.ts) that undoes it and
// makes the simd build. LZMA by 7-Zip, whose encoder is the reference one.

import SevenZip from '7z-wasm';

/** What src/engine/binaries.generated.ts holds, and the simd build. `unpacker`, `relaxed`: bytes. */
export async function pack(unpacker, relaxed) {
  const packed = await lzma(relaxed);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unpacker));
  new Uint8Array(exports.memory.buffer).set(packed, exports.source());
  const at = exports.unpack(relaxed.length);
  if (!relaxed.equals(new Uint8Array(exports.memory.buffer, at, relaxed.length)))
    throw new Error('The unpacker did not give the relaxed build back.');
  const simd = new Uint8Array(exports.memory.buffer, at + relaxed.length, exports.unfuse(relaxed.length)).slice();
  if (!WebAssembly.validate(simd)) throw new Error('The simd build made by the unpacker is no valid module.');
  const base64 = (bytes) => Buffer.from(bytes).toString('base64');
  return { packed: { unpacker: base64(unpacker), core: base64(packed), relaxed: relaxed.length, simd: simd.length }, simd };
}

/** The bare LZMA stream: lc=3, lp=0, pb=0. With header compression off, it is all there is between a .7z file's two headers. */
async function lzma(bytes) {
  const zip = await SevenZip({ print() {}, printErr() {} });
  zip.FS.writeFile('core', bytes);
  zip.callMain(['a', '-t7z', '-mhc=off', '-mx=9', '-m0=lzma:d=1m:fb=273:mc=1000:lc=3:lp=0:pb=0', 'core.7z', 'core']);
  const file = zip.FS.readFile('core.7z');
  const header = 32;
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(12, true)); // where the other header starts
  return file.subarray(header, header + length);
}
