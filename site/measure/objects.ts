// An engine with an object for each neuron and each link, as networks for pages are often written: clear to read, and slow. Stochastic
// gradient descent by batches, squared error, tanh. Written for this comparison.

interface Link {
  readonly from: Neuron;
  weight: number;
  slope: number;
}

class Neuron {
  readonly links: Link[] = [];
  readonly readers: { neuron: Neuron; link: Link }[] = [];
  bias = 0.1;
  biasSlope = 0;
  output = 0;
  delta = 0;

  activate(): void {
    let sum = this.bias;
    for (const { from, weight } of this.links) sum += weight * from.output;
    this.output = Math.tanh(sum);
  }
}

export class ObjectNetwork {
  private readonly layers: Neuron[][];

  constructor(sizes: readonly number[], random: () => number) {
    this.layers = sizes.map((size) => Array.from({ length: size }, () => new Neuron()));
    for (let l = 1; l < sizes.length; l++)
      for (const neuron of this.layers[l]!)
        for (const from of this.layers[l - 1]!) {
          const link: Link = { from, weight: random() - 0.5, slope: 0 };
          neuron.links.push(link);
          from.readers.push({ neuron, link });
        }
  }

  predict(x: ArrayLike<number>): number {
    this.layers[0]!.forEach((neuron, i) => {
      neuron.output = x[i]!;
    });
    for (const layer of this.layers.slice(1)) for (const neuron of layer) neuron.activate();
    return this.layers.at(-1)![0]!.output;
  }

  /** Adds the gradient of one row. */
  learn(x: ArrayLike<number>, y: number): void {
    const output = this.predict(x);
    for (let l = this.layers.length - 1; l > 0; l--)
      for (const neuron of this.layers[l]!) {
        let error = l === this.layers.length - 1 ? output - y : 0;
        for (const { neuron: reader, link } of neuron.readers) error += link.weight * reader.delta;
        neuron.delta = error * (1 - neuron.output * neuron.output);
        neuron.biasSlope += neuron.delta;
        for (const link of neuron.links) link.slope += neuron.delta * link.from.output;
      }
  }

  /** One step against the mean of the gradients that were added. */
  step(rate: number, rows: number): void {
    for (const layer of this.layers.slice(1))
      for (const neuron of layer) {
        neuron.bias -= (rate / rows) * neuron.biasSlope;
        neuron.biasSlope = 0;
        for (const link of neuron.links) {
          link.weight -= (rate / rows) * link.slope;
          link.slope = 0;
        }
      }
  }
}
