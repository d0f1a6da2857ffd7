// Lists of weights end to end, as exported code holds them.

/** Lists of numbers, one behind the other. */
export class WeightList {
  private readonly lists: Float32Array[] = [];
  private length = 0;

  /** Adds a list; returns where it begins. */
  put(values: Float32Array): number {
    const at = this.length;
    this.lists.push(values);
    this.length += values.length;
    return at;
  }

  /** All of them as one. */
  all(): Float32Array {
    const all = new Float32Array(this.length);
    let at = 0;
    for (const values of this.lists) {
      all.set(values, at);
      at += values.length;
    }
    return all;
  }
}
