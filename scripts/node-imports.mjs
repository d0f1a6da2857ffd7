// A plugin for the bundler: `import('node:…')`, behind a check for Node in the sources, becomes an import that bundlers for
// browsers leave alone. They would look for the module whether or not it is ever asked for; esbuild and webpack then give up.

export function hideNodeImports() {
  return {
    name: 'hide-node-imports',
    transform: {
      order: 'pre',
      filter: { id: /\/src\/.*\.ts$/, code: /import\('node:/ },
      handler: (code) => ({
        code: code.replace(
          /(?<!typeof )import\(('node:[\w/]+')\)/g,
          '((name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name))($1)',
        ),
        map: null,
      }),
    },
  };
}
