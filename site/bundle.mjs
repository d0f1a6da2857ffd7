import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** One classic script of a program of the site (a path below this folder) and all it imports. */
export async function bundle(input, define = {}) {
  const build = await rolldown({
    input: fileURLToPath(new URL(input, import.meta.url)),
    platform: 'browser',
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, define: { 'import.meta': '{}', ...define } },
    external: [/^node:/],
    tsconfig: false,
  });
  const { output } = await build.generate({ format: 'iife', minify: true, sourcemap: false });
  await build.close();
  return output[0].code;
}
