// Ids shared by the core and the TypeScript layer: the only file both compilers read, so plain enums alone.
// Ids never change meaning once released; new members go at the end.

export enum Activation {
  Identity, Linear, Sign, Step, Sigmoid, Tanh, Relu, LeakyRelu, Prelu, Elu, Celu, Selu,
  Gelu, GeluTanh, Silu, Softplus, Softsign, Mish, HardSigmoid, Softmax, LogSoftmax,
}

export enum Loss {
  MeanSquaredError, MeanAbsoluteError, Huber, LogCosh,
  BinaryCrossEntropy, // from probabilities
  BinaryCrossEntropyLogits, // from the pre-activation of a sigmoid, or from logits
  CategoricalCrossEntropy, // from the pre-activation of a softmax, or from logits; targets are rows of probabilities
  SparseCategoricalCrossEntropy, // the same, targets are class ids
  Hinge, SquaredHinge, Perceptron, Poisson, KlDivergence,
  Custom, // value and gradient come from JavaScript
}

export enum Optimizer {
  Sgd, // plain descent
  Momentum, // v = m v + (1 - d) g; w -= lr v (PyTorch's form); with nesterov: w -= lr (g + m v)
  Velocity, // v = m v - lr g; w += v (heavy ball); with nesterov: w += m v - lr g
  Average, // v = m v + (1 - m) g; w -= lr v (the course's exponential average)
  Adagrad, Adadelta, Rmsprop, Adam, AmsGrad, AdamW, Adamax, Nadam, Lion,
  None, // the step is computed elsewhere (L-BFGS)
}

export enum LayerKind {
  Dense, Activation, BatchNorm, LayerNorm, Dropout, Noise, ResidualBegin, ResidualEnd,
}

// The register tile the matrix products are made of (kernels/tiles.generated.ts). Sixteen columns pay under V8's 256-bit pass only.
export enum Tile {
  Rows4Columns8, Rows5Columns8, Rows6Columns8, Rows6Columns8Steps, Rows4Columns16, Rows5Columns16, Rows6Columns16,
}

/** Where things are in linear memory: `address(what)` answers in bytes. */
export enum Address {
  Parameters, Gradients, Slots, Average, Inputs, Targets, SampleWeights, Outputs, WindowOutputs, Rates, Losses, Counters,
  InputGradients, OutputGradient, StaticEnd,
}

/** Numbers of the model: `measure(what)`. */
export enum Measure {
  InputStride, TargetStride, OutputStride, ParameterFloats, TrainableFloats, WindowRows, BatchRows, Diverged,
  Rows, // of the last forward pass
}
