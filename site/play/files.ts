// Files of the network as it stands. Their writers come when the first is asked for, in a script of their own.

import { loadScript } from '../loadScript';
import type { FileKind, FileOrder, MadeFile } from './messages';
import { ask } from './state';

declare global {
  /** The text of the worker that makes files: play-files.js sets it. */
  var playFiles: string | undefined;
}

let worker: Promise<Worker> | undefined;

async function load(): Promise<Worker> {
  try {
    await loadScript('play-files.js');
  } catch {
    worker = undefined;
    throw new Error('play-files.js, which writes files, cannot be loaded. Are you still online?');
  }
  return new Worker(URL.createObjectURL(new Blob([playFiles!], { type: 'text/javascript' })));
}

export async function makeFile(kind: FileKind): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  const parts = await ask({ what: 'file' });
  worker ??= load();
  const writer = await worker;
  const order: FileOrder = { kind, ...parts };
  const made = await new Promise<MadeFile>((resolve) => {
    writer.onmessage = ({ data }: MessageEvent<MadeFile>) => resolve(data);
    writer.postMessage(order);
  });
  if ('error' in made) throw new Error(made.error);
  return made;
}
