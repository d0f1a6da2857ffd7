// What the core and the TypeScript layer agree on: the only file both compilers read, so plain enums and numbers alone.
//
// Ids (Activation, Loss, Optimizer, LayerKind, Tile) never change meaning once released; new members go at the end.
//
// Records (…Field) are float64 numbers side by side in linear memory, a member being its place: truth values are 0 or 1.
// src/core/description.ts writes them and assembly/description.ts reads them; a record that leaves out a member does not
// compile. No other code depends on the order, except that of Counter, which saved files keep.

export enum Activation {
  Identity,
  Linear,
  Sign,
  Step,
  Sigmoid,
  Tanh,
  Relu,
  LeakyRelu,
  Prelu,
  Elu,
  Celu,
  Selu,
  Gelu,
  GeluTanh,
  Silu,
  Softplus,
  Softsign,
  Mish,
  HardSigmoid,
  Softmax,
  LogSoftmax,
  HardSwish,
  Polynomial, // of the layer's coefficients, a the degree
}

export enum Loss {
  MeanSquaredError,
  MeanAbsoluteError,
  Huber,
  LogCosh,
  BinaryCrossEntropy, // from probabilities
  BinaryCrossEntropyLogits, // from the pre-activation of a sigmoid, or from logits
  CategoricalCrossEntropy, // from the pre-activation of a softmax, or from logits; targets are rows of probabilities
  SparseCategoricalCrossEntropy, // the same, targets are class ids
  Hinge,
  SquaredHinge,
  Perceptron,
  Poisson,
  KlDivergence,
  Custom, // value and gradient come from JavaScript
  Pinball, // of quantiles: one level, or one for each output
  GaussianNll, // outputs are a mean and the logarithm of a variance for each target
  ModifiedHuber,
  ZeroOne, // to evaluate, not to train: its gradient is 0
}

export enum Optimizer {
  Sgd, // plain descent
  Momentum, // v = m v + (1 - d) g; w -= lr v (PyTorch's form); with nesterov: w -= lr (g + m v)
  Velocity, // v = m v - lr g; w += v (heavy ball); with nesterov: w += m v - lr g
  Average, // v = m v + (1 - m) g; w -= lr v (the course's exponential average)
  Adagrad,
  Adadelta,
  Rmsprop,
  Adam,
  AmsGrad,
  AdamW,
  Adamax,
  Nadam,
  Lion,
  None, // the step is computed elsewhere (L-BFGS)
}

export enum LayerKind {
  Dense,
  Activation,
  BatchNorm,
  LayerNorm,
  Dropout,
  Noise,
  ResidualBegin,
  ResidualEnd,
  Rescale, // y = gain (x - center) / scale, center and scale fixed
  Embedding, // the category in one column becomes its row of the weights
  Edge, // puts what an earlier layer gave into columns of what the next layer reads; those of one reader follow each other
}

// The register tile the matrix products are made of (kernels/tiles.generated.ts). Sixteen columns pay under V8's 256-bit pass
// only.
export enum Tile {
  Rows4Columns8,
  Rows5Columns8,
  Rows6Columns8,
  Rows6Columns8Steps,
  Rows4Columns16,
  Rows5Columns16,
  Rows6Columns16,
}

/** The network as a whole. */
export const enum NetworkField {
  Inputs, // columns of x
  Outputs, // columns of the last layer
  TargetColumns, // columns of the targets: 1 for class ids
  Loss, // Loss
  LossParameter, // Huber's delta, label smoothing, …: what the loss's row in src/plan/losses.ts calls a
  LossLevels, // tensor of the levels of pinball, one for each output; -1: one for all, the loss's parameter
  LossIsFused, // the loss reads the last layer's pre-activation
  LossScale, // times the loss and its gradient: 1, or what another framework's way of averaging makes of it
  ClipValue, // Infinity: no limit, here and in the two below
  ClipNorm, // of each tensor
  ClipGlobalNorm, // of all tensors together
  AveragingDecay, // of the exponential average of the weights; 0: none is kept
  AveragingWarmsUp, // early steps keep less of the average
  Threads, // that will run the model at most
  MayWait, // whether thread 0 may sleep at a barrier
  Patience, // tenths of a second before a missing thread is given up
  Count,
}

/** A layer: one record each. Numbers that its kind has no use for are 0, places of tensors it lacks are -1. */
export const enum LayerField {
  Kind, // LayerKind
  Inputs,
  Outputs,
  Activation, // Activation
  ActivationA, // the activation's first number (slope, alpha, scale: its row in src/plan/activations.ts says which) …
  ActivationB, // … and its second
  SharesSlope, // PReLU: one slope for all columns
  DropRate, // dropout: share of elements set to 0; dense: share of connections
  Deviation, // noise
  StatisticsMomentum, // batch norm: how far running statistics move towards a batch's
  BiasedVariance, // batch norm: the running variance takes the batch's sum of squares over rows, not over rows - 1
  Epsilon, // batch and layer norm: joins the variance
  Partner, // residual begin and end: index of the other; edge: of the layer it comes from, -1 for the network's inputs
  Projects, // residual end: the block's input goes through a matrix
  Key0, // of the generator its masks are drawn from, as unsigned numbers
  Key1,
  Weight, // indices of its tensors
  Bias,
  Slope,
  Gamma,
  Beta,
  RunningMean,
  RunningVariance,
  Gain,
  Constants, // rescale: [3][outputs], see layers/rescale.ts
  Signs, // dense: [inputs][outputs], which sign each weight keeps: 1, -1, 0 either, 2 none (it stays 0)
  Column, // edge: where its columns begin; embedding: of x, the one with categories …
  Categories, // … and how many there are
  Coefficient0, // of z^0, z^1, … in a polynomial activation, …
  Coefficient1,
  Coefficient2,
  Coefficient3,
  Coefficient4,
  Coefficient5,
  Coefficient6,
  Coefficient7, // … and the last there can be
  Count,
}

/** A tensor: one record each; the tensors of a layer side by side. */
export const enum TensorField {
  Inputs, // rows of a weight; 1 for a row
  Outputs, // columns
  IsWeight, // a matrix, kept in panels; max-norm concerns these alone
  Trainable, // not a running statistic
  Frozen, // left alone by the optimizer
  Layer, // index of its owner
  L1, // penalty l1 |w|
  L2, // penalty l2 w^2 / 2
  L2PerRow, // L2 that is divided by the rows of the step: scikit-learn's alpha
  MaxNorm, // the longest a unit's incoming weights may be; Infinity: no limit
  RateScale, // times the learning rate
  Count,
}

/** The optimizer. What a rule has no use for is 0. The record stays in memory: rules read their constants from it. */
export const enum OptimizerField {
  Rule, // Optimizer
  WeightDecay,
  DecaysApart, // weight decay shrinks the weights themselves and stays out of the gradient
  Slots, // arrays as long as the parameters that the rule keeps, at most 3, …
  Slot0, // … and what each starts from
  Slot1,
  Slot2,
  Momentum,
  Dampening,
  Nesterov, // 1 or 0
  BiasCorrection, // 1 or 0
  Rho,
  Beta1,
  Beta2,
  Epsilon, // outside the root
  EpsilonInside, // inside the root
  EpsilonHat, // Adam: joins the root before its correction
  Centered, // 1 or 0
  MomentumFade, // NAdam: 0.96^momentumDecay
  HistorySize, // L-BFGS: pairs it keeps
  Changes, // a bit for each of the fields above that every step's record brings anew
  Count,
}

/**
 * An optimizer step of a window: one record each, filled before train(). Behind these members stand the constants of the optimizer
 * that change from step to step (OptimizerField.Changes), in the order of their fields; network/training.ts puts them in the
 * optimizer's record before the step.
 */
export const enum StepField {
  Rate, // the learning rate
  Count,
}

/** What train() is asked to do. */
export const enum TrainField {
  Rows, // of the window, from its start
  BatchSize,
  Accumulate, // batches for each step
  Weighted, // sample weights count
  KeepOutputs, // of every row, in the window's outputs
  IgnoreDivergence, // go on when the loss is not finite
  Derivatives, // the loss has the part on input gradients too
  Count,
}

/** Counters a training goes on from: float64 numbers in this order, in memory and in saved files. */
export const enum Counter {
  Steps, // optimizer steps taken
  Draws, // training forward passes: dropout masks are drawn by it
  Power1, // beta1^t, or momentum^t
  Power2, // beta2^t
  MomentumProduct, // NAdam: product of its momenta so far
  FadePower, // NAdam: 0.96^(t momentumDecay)
  Count,
}

/** Columns of a weight that lie side by side in memory, one cache line for each input: see kernels/panels.ts. */
export const PANEL = 16;

/** Where things are in linear memory: `address(what)` answers in bytes. */
export enum Address {
  Parameters,
  Gradients,
  Slots,
  Average,
  Inputs,
  Targets,
  SampleWeights,
  Outputs,
  WindowOutputs,
  Steps,
  Losses,
  Counters,
  InputGradients,
  OutputGradient,
  TrainRequest,
  Direction, // L-BFGS: a vector of float64
  DerivativeTargets, // rows of outputs x inputs: input gradients to learn, or directions
  DerivativeWeights, // of each of their columns
}

/** Numbers of the model: `measure(what)`. */
export enum Measure {
  InputStride,
  TargetStride,
  OutputStride,
  ParameterFloats,
  TrainableFloats,
  Diverged,
  Rows, // of the last forward pass
  Pairs,
  PairLength, // L-BFGS: how many there are, numbers in a vector
  DerivativeStride,
}
