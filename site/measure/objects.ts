// An engine with an object for each neuron and each link, which works the way TensorFlow Playground's does, step for step: a sweep over
// the objects of each layer for the outputs; three sweeps back (slopes of the neurons, of their links, and what that asks of the layer
// before), with a slope computed from the net input by its own rule; gradients added up and counted in each object; and a step against
// their mean, less a penalty where there is one. Written for this comparison, and not made slow: what can be read, V8 reads well.

interface Activation {
  output(x: number): number;
  slope(x: number): number;
}

const tanh: Activation = {
  output: (x) => Math.tanh(x),
  slope: (x) => {
    const output = tanh.output(x);
    return 1 - output * output;
  },
};

interface Penalty {
  slope(weight: number): number;
}

class Link {
  slope = 0;
  sum = 0;
  count = 0;

  constructor(
    readonly from: Neuron,
    readonly to: Neuron,
    public weight: number,
    readonly penalty: Penalty | undefined,
  ) {}
}

class Neuron {
  readonly inputs: Link[] = [];
  readonly outputs: Link[] = [];
  bias = 0.1;
  netInput = 0;
  output = 0;
  /** Slopes of the error by the output and by the net input; the latter added up since the last step. */
  outputSlope = 0;
  inputSlope = 0;
  sum = 0;
  count = 0;

  constructor(readonly activation: Activation) {}

  activate(): number {
    this.netInput = this.bias;
    for (const link of this.inputs) this.netInput += link.weight * link.from.output;
    this.output = this.activation.output(this.netInput);
    return this.output;
  }
}

export class ObjectNetwork {
  private readonly layers: Neuron[][];

  constructor(sizes: readonly number[], random: () => number, penalty?: Penalty) {
    this.layers = sizes.map((size) => Array.from({ length: size }, () => new Neuron(tanh)));
    for (let l = 1; l < sizes.length; l++)
      for (const to of this.layers[l]!)
        for (const from of this.layers[l - 1]!) {
          const link = new Link(from, to, random() - 0.5, penalty);
          to.inputs.push(link);
          from.outputs.push(link);
        }
  }

  predict(x: ArrayLike<number>): number {
    const [inputs] = this.layers;
    for (let i = 0; i < inputs!.length; i++) inputs![i]!.output = x[i]!;
    for (let l = 1; l < this.layers.length; l++) for (const neuron of this.layers[l]!) neuron.activate();
    return this.layers.at(-1)![0]!.output;
  }

  /** Adds the gradient of one row's squared error. */
  learn(x: ArrayLike<number>, y: number): void {
    const last = this.layers.at(-1)![0]!;
    last.outputSlope = this.predict(x) - y;
    for (let l = this.layers.length - 1; l > 0; l--) {
      const layer = this.layers[l]!;
      for (const neuron of layer) {
        neuron.inputSlope = neuron.outputSlope * neuron.activation.slope(neuron.netInput);
        neuron.sum += neuron.inputSlope;
        neuron.count++;
      }
      for (const neuron of layer)
        for (const link of neuron.inputs) {
          link.slope = neuron.inputSlope * link.from.output;
          link.sum += link.slope;
          link.count++;
        }
      if (l === 1) continue;
      for (const neuron of this.layers[l - 1]!) {
        neuron.outputSlope = 0;
        for (const link of neuron.outputs) neuron.outputSlope += link.weight * link.to.inputSlope;
      }
    }
  }

  /** One step against the mean of the gradients that were added, and against the penalty. */
  step(rate: number, penaltyRate = 0): void {
    for (let l = 1; l < this.layers.length; l++)
      for (const neuron of this.layers[l]!) {
        if (neuron.count > 0) {
          neuron.bias -= (rate * neuron.sum) / neuron.count;
          neuron.sum = 0;
          neuron.count = 0;
        }
        for (const link of neuron.inputs) {
          const pull = link.penalty === undefined ? 0 : link.penalty.slope(link.weight);
          if (link.count === 0) continue;
          link.weight -= (rate / link.count) * link.sum + rate * penaltyRate * pull;
          link.sum = 0;
          link.count = 0;
        }
      }
  }
}
