// Serves site/dist on this machine: `npm run site`. The folder works without a server too.

import { fileURLToPath } from 'node:url';
import { preview } from 'vite';

const server = await preview({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: { outDir: 'dist' },
  configFile: false,
  appType: 'mpa',
});
server.printUrls();
