// Model files changed on purpose, with the checksum that fits.

import { seal } from '../../src/formats/container.js';
import { readSafetensors, type SafetensorsFile, writeSafetensors } from '../../src/formats/safetensors.js';

/** The file with its tensors or metadata changed. */
export function changeFile(file: Uint8Array, change: (file: SafetensorsFile) => void): Uint8Array<ArrayBuffer> {
  const read = readSafetensors(file);
  change(read);
  read.metadata.set('checksum', 'crc32:00000000');
  const changed = writeSafetensors(read.tensors, read.metadata);
  seal(changed);
  return changed;
}

/** The file with a section changed, which `change` gets as plain JSON (an empty object where there is none). */
export function changeSection(
  file: Uint8Array,
  name: string,
  change: (section: Record<string, unknown>) => void,
): Uint8Array<ArrayBuffer> {
  return changeFile(file, ({ metadata }) => {
    const section = JSON.parse(metadata.get(name) ?? '{}') as Record<string, unknown>;
    change(section);
    metadata.set(name, JSON.stringify(section));
  });
}
