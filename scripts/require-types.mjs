// A plugin for the bundler: declarations for those who require() the package, beside those for import: the same text, of files ending in .cts.

export function requireTypes() {
  return {
    name: 'require-types',
    generateBundle(_, bundle) {
      for (const [fileName, { code }] of Object.entries(bundle))
        if (code !== undefined && fileName.endsWith('.d.ts'))
          this.emitFile({
            type: 'asset',
            fileName: fileName.replace(/ts$/, 'cts'),
            source: code.replace(/(['"]\.\/[\w.-]+)\.js(['"])/g, '$1.cjs$2'),
          });
    },
  };
}
