// What the tests of workers in Node share: the package as shipped, built for them, and a worker that can be made to die.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Package from '../../src/entries/index.js';
import type * as WorkerPackage from '../../src/entries/worker.js';
import { buildPackage, importBuilt } from './workerBuild.js';

export let folder: string;
export let library: typeof Package;
export let worker: typeof WorkerPackage;

/** A worker's script that dies when told to over a BroadcastChannel: 'exit' or 'throw'. */
export let mortal: URL;

/** Builds the package and its worker, each test file in a folder of its own. */
export async function buildWorkers(name: string): Promise<void> {
  folder = buildPackage(name);
  library = await importBuilt<typeof Package>(folder, 'index.js');
  worker = await importBuilt<typeof WorkerPackage>(folder, 'worker.js');
  writeFileSync(
    join(folder, 'mortal.js'),
    `import './worker-entry.js';
     new BroadcastChannel('die').onmessage = ({ data }) => {
       if (data === 'throw') setTimeout(() => { throw new Error('out of luck'); });
       else process.exit(7);
     };`,
  );
  mortal = pathToFileURL(join(folder, 'mortal.js'));
}
