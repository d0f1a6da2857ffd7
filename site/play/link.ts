// A link is a proof: the experiment, how many epochs it trained, and the SHA-256 of the weights it ended in.

import { type Experiment, faultOf } from './experiment';

export interface Proof {
  readonly experiment: Experiment;
  readonly epochs: number;
  /** SHA-256 of all weights, in hexadecimal. */
  readonly hash: string;
  /** Of the library that computed it. */
  readonly version: string;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: { readable: ReadableStream; writable: WritableStream },
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Text for the address of a page, after its #. */
export async function linkOf(proof: Proof): Promise<string> {
  const text = JSON.stringify([proof.version, proof.epochs, proof.hash, proof.experiment]);
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}

/** What a link holds. @throws in words, where it is no link of this page. */
export async function readLink(text: string): Promise<Proof> {
  let parts: unknown;
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    parts = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))));
  } catch {
    throw new Error('This link is damaged: part of it is missing or changed.');
  }
  const [version, epochs, hash, experiment] = Array.isArray(parts) ? parts : [];
  const fault = faultOf(experiment);
  if (fault !== undefined) throw new Error(`This link cannot be opened: ${fault}.`);
  if (typeof version !== 'string' || typeof hash !== 'string' || !Number.isInteger(epochs) || epochs < 0 || epochs > 1e7)
    throw new Error('This link is damaged: its proof is missing.');
  return { experiment, epochs, hash, version };
}
