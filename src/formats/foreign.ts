// What a file is that is no model file, by its first bytes: so that its refusal names it, and the way in.

/** First bytes, and what they begin. */
const KINDS: readonly (readonly [start: string, kind: string])[] = [
  ['PK', 'a ZIP archive (.pt, .keras, .npz): save its weights as safetensors for fromPyTorch or fromKeras'],
  ['\x80', 'a Python pickle: save its weights as safetensors for fromPyTorch, or JSON for fromSklearn'],
  ['\x89HDF', 'HDF5 (.h5): save its weights as safetensors for fromKeras'],
  ['\x08', 'ONNX: use importOnnx'],
  ['\x1f\x8b', 'compressed (gzip): unpack it first'],
  ['{', 'JSON: for scikit-learn use fromSklearn'],
];

/** In words; undefined for a file that begins as safetensors do ({ at byte 8), or too short to tell. */
export function foreignKind(file: Uint8Array): string | undefined {
  if (file.length < 9 || file[8] === 0x7b) return undefined;
  const start = String.fromCharCode(file[0]!, file[1]!, file[2]!, file[3]!);
  const text = file.subarray(0, 512).every((byte) => byte > 31 || (byte > 8 && byte < 14));
  return KINDS.find(([first]) => start.startsWith(first))?.[1] ?? (text ? 'text: tables are read by readCsv' : undefined);
}
