// The most multiply-adds the engine's WebAssembly can do per second when nothing leaves the registers: a loop of twelve
// independent f32x4 chains, written as bytes so that the probe needs no compiler. Once with relaxed_madd, once with mul + add.

const CHAINS = 12;
const UNROLL = 4;

/** { simd, relaxed } in GFLOP/s of one thread; relaxed is null where the engine does not have it. */
export function registerPeak(ms) {
  const measure = (fused) => {
    const module = new WebAssembly.Module(probe(fused));
    const { run } = new WebAssembly.Instance(module).exports;
    let best = 0;
    run(1e6); // warm-up: let the optimising compiler take over
    for (const end = performance.now() + ms; performance.now() < end; ) {
      const start = performance.now();
      run(1e6);
      const seconds = (performance.now() - start) / 1000;
      best = Math.max(best, (1e6 * CHAINS * UNROLL * 8) / seconds / 1e9);
    }
    return best;
  };
  return { simd: measure(false), relaxed: WebAssembly.validate(probe(true)) ? measure(true) : null };
}

/** (func (export "run") (param i32) (result f32)): `CHAINS` accumulators, UNROLL rounds per turn. */
function probe(fused) {
  const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >> 7)]);
  const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];
  const get = (local) => [0x20, local];
  const set = (local) => [0x21, local];
  const simd = (opcode) => [0xfd, ...leb(opcode)];
  const A = CHAINS + 1;
  const B = CHAINS + 2;
  const constant = (value) => [...simd(12), ...new Uint8Array(new Float32Array(4).fill(value).buffer)];
  const round = Array.from({ length: CHAINS }, (_, i) => i + 1).flatMap((c) =>
    fused
      ? [...get(c), ...get(A), ...get(B), ...simd(0x105), ...set(c)]
      : [...get(c), ...get(A), ...simd(0xe6), ...get(B), ...simd(0xe4), ...set(c)],
  );
  const body = [
    ...[1, ...leb(CHAINS + 2), 0x7b], // locals: v128
    ...[...constant(0.999), ...set(A), ...constant(0.001), ...set(B)],
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLL }, () => round).flat(),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], // until --n == 0
    ...get(1),
    ...Array.from({ length: CHAINS - 1 }, (_, i) => [...get(i + 2), ...simd(0xe4)]).flat(),
    ...[...simd(31), 0, 0x0b], // lane 0
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from('run'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}
