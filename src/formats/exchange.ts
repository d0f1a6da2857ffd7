// feedforward/safetensors: named tensors in files, and networks from PyTorch, Keras and scikit-learn.

export { fromKeras } from './keras.js';
export { build, type ImportedNetwork, type Tensor } from './network.js';
export { type FromPyTorchOptions, fromPyTorch } from './pytorch.js';
export {
  type Dtype,
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type TensorData,
  type TensorInput,
  writeSafetensors,
} from './safetensors.js';
export { fromSklearn, type SklearnMLP } from './sklearn.js';
