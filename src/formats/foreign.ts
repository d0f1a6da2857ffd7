// What a file is that is no model file, by its first bytes: so that its refusal names it, and the way in.

/** In words; undefined for a file that begins as safetensors do ({ at byte 8), or too short to tell. */
export function foreignKind(file: Uint8Array): string | undefined {
  if (file.length < 9 || file[8] === 0x7b) return undefined;
  const [a, b, c, d] = file as unknown as [number, number, number, number];
  if (a === 0x50 && b === 0x4b)
    return 'a ZIP archive, as .pt, .pth, .keras and .npz files are. Save its weights as safetensors for fromPyTorch or fromKeras';
  if (a === 0x80 && b < 6) return 'a Python pickle. Save the weights as safetensors for fromPyTorch, or as JSON for fromSklearn';
  if (a === 0x89 && b === 0x48 && c === 0x44 && d === 0x46)
    return 'an HDF5 file, as .h5 is. Save its weights as safetensors for fromKeras';
  if (a === 8 && b < 32) return 'an ONNX file. Use importOnnx';
  if (a === 0x1f && b === 0x8b) return 'compressed (gzip). Unpack it first';
  if (a === 0x7b) return 'JSON. For the weights of scikit-learn use fromSklearn';
  if (file.subarray(0, 512).every((byte) => byte > 31 || (byte > 8 && byte < 14)))
    return 'text, perhaps a table. Tables are read by readCsv';
  return undefined;
}
