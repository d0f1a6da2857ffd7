// An edge: what an earlier layer gave, in columns of what the layer behind the edges reads.

import { Layer, type Pass } from './layer.js';
import type { Values } from './products.js';

/** Where an edge comes from: a layer, or the inputs. */
interface Source {
  readonly y: Values;
  readonly dy: Values;
}

/** Edges of one reader follow each other; they share y and dy, which the first of them makes. */
export class Edge extends Layer {
  /** The layer it comes from; the backend sets it for the inputs. */
  source!: Source;

  override reserve(rows: number, x: Values, dx: Values): void {
    super.reserve(rows, x, dx);
    if (this.plan.column === 0) return;
    this.y = x;
    this.dy = dx;
  }

  forward(pass: Pass): void {
    const { y, source, width } = this;
    const { inputs, column } = this.plan;
    for (let r = 0; r < pass.rows; r++) for (let j = 0; j < inputs; j++) y[r * width + column + j] = source.y[r * inputs + j]!;
  }

  backward(): void {}

  /** The source's dy gains what came back. */
  give(pass: Pass): void {
    const { dy, source, width } = this;
    const { inputs, column } = this.plan;
    for (let r = 0; r < pass.rows; r++)
      for (let j = 0; j < inputs; j++) {
        const k = r * inputs + j;
        source.dy[k] = source.dy[k]! + dy[r * width + column + j]!;
      }
  }
}
