// The container of a model file: header, checksum, JSON sections and tensors by name, whatever the model is. Reading it takes no
// plan of a network and no training, so that programs that only predict stay small.

import { textDecoder, utf8 } from '../platform.js';
import { fail, show } from '../errors.js';
import { crc32 } from './checksum.js';
import { refuse } from './fileChecks.js';
import { foreignKind } from './foreign.js';
import { type Json, parseJson } from './json.js';
import { readHeader, type TensorEntry } from './safetensors.js';

/** Version of the format that this library writes, and the newest it reads. */
export const VERSION = 1;

/** Entries of the metadata that are the file's own. All others are sections. */
export const reserved = ['format', 'version', 'checksum', 'library', 'model', 'rules', 'training', 'functions'];

/** A model file whose header, version and checksum are checked, and nothing else yet. */
export interface Container {
  /** The whole file. */
  readonly file: Uint8Array;
  /** Where each tensor stands: readTensor(file, entry) gives its values. */
  readonly entries: readonly TensorEntry[];
  /** Version of the library that wrote it. */
  readonly library: string;
  /** One entry of the metadata as JSON; undefined where there is none. */
  section(name: string): Json | undefined;
  /** All entries that are not the file's own. */
  sections(): Record<string, Json>;
}

/**
 * The container of a model file.
 * @throws ERR_FORMAT for anything but a whole, unchanged model file of a version this library knows.
 */
export function readContainer(file: Uint8Array): Container {
  const foreign = foreignKind(file);
  if (foreign !== undefined) fail('ERR_FORMAT', `This is no model file: it looks like ${foreign}.`);
  const { entries, metadata, start } = readHeader(file);
  const format = metadata.get('format');
  if (format !== 'feedforward')
    fail(
      'ERR_FORMAT',
      `This safetensors file is no model file: its format is ${format === undefined ? 'not given' : show(format)}. For the weights of other tools use readSafetensors, fromPyTorch or fromKeras.`,
    );
  const version = metadata.get('version') ?? '';
  if (!/^[1-9]\d{0,8}$/.test(version)) refuse(`its version is ${show(version)}`);
  if (Number(version) > VERSION)
    fail(
      'ERR_FORMAT',
      `Model file: it is of format version ${version}; this library reads versions up to ${VERSION}. Update feedforward.`,
      { version: Number(version) },
    );
  if (!sound(file, start))
    fail('ERR_FORMAT', 'Model file: its checksum does not fit: the file was damaged, or changed without a new checksum.');

  const section = (name: string) => {
    const text = metadata.get(name);
    return text === undefined ? undefined : parseJson(text, `Model file, ${name}`);
  };
  return { file, entries, library: metadata.get('library') ?? '', section, sections };

  function sections(): Record<string, Json> {
    const found: Record<string, Json> = {};
    for (const name of metadata.keys()) {
      if (reserved.includes(name)) continue;
      if (name === '__proto__') refuse('it has a section named __proto__');
      found[name] = section(name)!;
    }
    return found;
  }
}

// ---- the checksum -----------------------------------------------------------------------------------------------------------

const CHECKSUM = '"checksum":"crc32:';

/** Where the eight digits stand: after the first `"checksum":"crc32:` of the header. */
function checksumPosition(file: Uint8Array, end: number): number {
  const wanted = utf8(CHECKSUM);
  for (let at = file.indexOf(wanted[0]!, 8); at >= 0 && at + wanted.length + 8 <= end; at = file.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, i) => file[at + i] === byte)) return at + wanted.length;
  return fail('ERR_FORMAT', 'Model file: its checksum is missing.');
}

function checksumOf(file: Uint8Array, at: number): number {
  const zeros = new Uint8Array(8).fill(0x30);
  return crc32(file.subarray(at + 8), crc32(zeros, crc32(file.subarray(0, at))));
}

/** Whether the eight digits, which stand before `end`, are the checksum of the file. */
function sound(file: Uint8Array, end: number): boolean {
  const at = checksumPosition(file, end);
  return textDecoder().decode(file.subarray(at, at + 8)) === checksumOf(file, at).toString(16).padStart(8, '0');
}

/** Checks another file of this kind, a safetensors file with a checksum, by its format. @throws ERR_FORMAT for anything but a whole, unchanged one. */
export function checkSealed(file: Uint8Array, format: string, who: string): void {
  const { metadata, start } = readHeader(file);
  if (metadata.get('format') !== format)
    fail('ERR_FORMAT', `${who}: expected a file of the format ${show(format)}, got ${show(metadata.get('format'))}.`);
  if (!sound(file, start)) fail('ERR_FORMAT', `${who}: its checksum does not fit: it was damaged or changed.`);
}

/** Writes the checksum of a finished file into its eight digits. */
export function seal(file: Uint8Array): void {
  const at = checksumPosition(file, file.length);
  const digits = checksumOf(file, at).toString(16).padStart(8, '0');
  file.set(utf8(digits), at);
}
