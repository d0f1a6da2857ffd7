// What this engine can do, found out by asking it: tiny modules that use one feature each are validated, not guessed
// from version numbers.

/** type () -> v128, one function; `body` is its code. */
function moduleWith(body: readonly number[]): Uint8Array {
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0, // magic, version
    1,
    5,
    1,
    0x60,
    0,
    1,
    0x7b, // type section: () -> v128
    3,
    2,
    1,
    0, // function section
    10,
    code.length + 2,
    1,
    code.length,
    ...code, // code section
  ]);
}

const zero = [0x41, 0, 0xfd, 0x0f]; // i32.const 0, i8x16.splat

export interface Support {
  readonly webAssembly: boolean;
  readonly simd: boolean;
  readonly relaxed: boolean;
  readonly threads: boolean;
}

let known: Support | undefined;

/** What the engine supports, asked once. */
export function support(): Support {
  known ??= ask();
  return known;
}

function ask(): Support {
  const webAssembly = typeof WebAssembly === 'object' && typeof WebAssembly.validate === 'function';
  const validates = (body: readonly number[]) => webAssembly && WebAssembly.validate(moduleWith(body) as Uint8Array<ArrayBuffer>);
  return {
    webAssembly,
    simd: validates(zero),
    relaxed: validates([...zero, ...zero, ...zero, 0xfd, 0x85, 0x02]), // f32x4.relaxed_madd
    threads: typeof SharedArrayBuffer === 'function' && typeof Atomics === 'object',
  };
}
