// A plugin for the bundler: what a worker runs, as text in src/worker/inlined.ts, so that one starts where its script is at no
// address. The text is the entry `script`, bundled and shrunk, as a classic script.

import { rolldown } from 'rolldown';

export function inlineWorker(options) {
  let text;
  return {
    name: 'inline-worker',
    load: {
      filter: { id: /\/src\/worker\/inlined\.ts$/ },
      async handler() {
        text ??= await bundled(options);
        return { code: `export const text = ${JSON.stringify(text)};`, moduleType: 'js' };
      },
    },
  };
}

async function bundled({ script, plugins }) {
  const build = await rolldown({
    input: script,
    platform: 'neutral',
    plugins,
    resolve: { mainFields: ['module', 'main'] },
    transform: { define: { 'import.meta.url': 'undefined' } },
  });
  const { output } = await build.generate({ format: 'iife', minify: true, codeSplitting: false });
  await build.close();
  return output[0].code;
}
