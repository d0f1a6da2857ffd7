// feedforward/safetensors: named tensors in files, and networks from PyTorch, Keras and scikit-learn.

export { fromKeras } from '../formats/keras.js';
export { build, type ImportedNetwork, type Settable, type Tensor } from '../formats/imported.js';
export { type FromPyTorchOptions, fromPyTorch } from '../formats/pytorch.js';
export {
  type Dtype,
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type TensorData,
  type TensorInput,
  writeSafetensors,
} from '../formats/safetensors.js';
export { fromSklearn, type SklearnMLP } from '../formats/sklearn.js';
