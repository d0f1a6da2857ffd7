// Files of the network as it stands. Their writers come when the first is asked for, in a script of their own.

import type { FileKind, FileOrder, MadeFile } from './messages';
import { ask } from './state';

declare global {
  /** The text of the worker that makes files: play-files.js sets it. */
  var playFiles: string | undefined;
}

let worker: Promise<Worker> | undefined;

function load(): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = 'play-files.js';
    script.onload = () => resolve(new Worker(URL.createObjectURL(new Blob([playFiles!], { type: 'text/javascript' }))));
    script.onerror = () => {
      worker = undefined;
      reject(new Error('play-files.js, which writes files, cannot be loaded. Are you still online?'));
    };
    document.head.append(script);
  });
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
