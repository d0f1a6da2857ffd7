// The package under other bundlers: webpack and esbuild make a page's script of it, which then runs. `npm run test:bundlers`
// installs both into build/bundlers; Vite and rolldown are covered by npm test.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'build', 'bundlers');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
if (!existsSync(join(folder, 'node_modules', 'webpack')))
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', 'webpack@5.101.0', 'esbuild@0.25.9'], {
    stdio: 'inherit',
  });

const installed = join(folder, 'node_modules', 'feedforward');
rmSync(installed, { recursive: true, force: true });
cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
cpSync(join(root, 'package.json'), join(installed, 'package.json'));
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const name of Object.keys(dependencies))
  if (!existsSync(join(folder, 'node_modules', name)))
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));

writeFileSync(
  join(folder, 'main.js'),
  `import { MLP, dense } from 'feedforward';
  const X = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: { name: 'adam', learningRate: 0.05 }, seed: 1 });
  model.fit(X, [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 }).then(() => console.log(Array.from(model.predict(X).data, Math.round).join(' ')));
  `,
);

const require = createRequire(join(folder, 'index.js'));
const bundlers = {
  webpack: () =>
    new Promise((resolve, reject) => {
      const options = {
        mode: 'production',
        context: folder,
        entry: './main.js',
        target: 'web',
        output: { path: folder, filename: 'webpack.cjs' },
      };
      require('webpack')(options, (error, stats) =>
        error || stats.hasErrors()
          ? reject(error ?? new Error(stats.toString({ all: false, errors: true })))
          : resolve('webpack.cjs'),
      );
    }),
  esbuild: async () => {
    await require('esbuild').build({
      absWorkingDir: folder,
      entryPoints: ['main.js'],
      bundle: true,
      minify: true,
      format: 'esm',
      outfile: 'esbuild.js',
    });
    return 'esbuild.js';
  },
};

let failed = 0;
for (const [name, build] of Object.entries(bundlers)) {
  try {
    const file = join(folder, await build());
    const said = execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim();
    if (said !== '0 1 1 0') throw new Error(`the bundle said ${said}`);
    console.log(
      `${name.padEnd(8)} trains XOR, ${(gzipSync(readFileSync(file), { level: 9 }).length / 1000).toFixed(1)} kB gzipped`,
    );
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.message}`);
  }
}
console.log(`${Object.keys(bundlers).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
