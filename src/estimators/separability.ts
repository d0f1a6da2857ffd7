// Can a hyperplane tell two classes apart? Decided without a linear program: rows with their signs, p_i = y_i (x_i, 1), can be
// separated exactly when the point of their convex hull nearest to the origin is not the origin itself (Gordan's theorem, 1873).
// That point is a separator, the one of largest margin over the directions of the rows; where it is the origin, its weights
// prove that there is none.

/** The answer, with the proof. */
export type Separability =
  | {
      /** A hyperplane separates the classes. */
      readonly separable: true;
      /** A separator over the columns of the points: p_i . weights > 0 for every row. */
      readonly weights: Float64Array;
    }
  | {
      /** No hyperplane does. */
      readonly separable: false;
      /** Rows and shares > 0 with sum_i shares_i p_i / |p_i| = 0: a separator would make that sum positive. */
      readonly proof: {
        /** Numbers of the rows. */
        readonly rows: Uint32Array;
        /** One number > 0 for each of them. */
        readonly shares: Float64Array;
      };
    };

/** Directions closer to the origin than this are taken for it: the nearest point is found to about 1e-15. */
const nothing = 1e-10;

/**
 * Whether a hyperplane through the origin has all points on one side. `points` are `rows` points of `columns` numbers each, row-major: the rows of one
 * class, and those of the other with the opposite sign (append a column of ones first for a bias). undefined where rounding leaves it open.
 * See: Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11 (1976).
 *
 * @example
 * findSeparator(Float64Array.of(1, 2, 3, -1), 2, 2)?.separable;  // true: the weights (1, 0) give 1 and 3
 */
export function findSeparator(points: Float64Array, rows: number, columns: number): Separability | undefined {
  const directions = new Float64Array(points.length);
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let j = 0; j < columns; j++) square += points[i * columns + j]! ** 2;
    if (square === 0) return { separable: false, proof: { rows: Uint32Array.of(i), shares: Float64Array.of(1) } };
    const scale = 1 / Math.sqrt(square);
    for (let j = 0; j < columns; j++) directions[i * columns + j] = points[i * columns + j]! * scale;
  }
  const along = (i: number, x: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += directions[i * columns + j]! * x[j]!;
    return sum;
  };

  let corral = [0];
  let shares = [1];
  let nearest = directions.slice(0, columns);
  const most = 50 * (rows + columns); // far beyond what it takes; ends the loop where rounding would not
  for (let turn = 0; turn < most; turn++) {
    let lowest = Infinity;
    let entering = 0;
    for (let i = 0; i < rows; i++) {
      const height = along(i, nearest);
      if (height < lowest) {
        lowest = height;
        entering = i;
      }
    }
    const square = dot(nearest, nearest);
    if (square <= nothing * nothing)
      return { separable: false, proof: { rows: Uint32Array.from(corral), shares: Float64Array.from(shares) } };
    if (lowest > nothing * Math.sqrt(square)) return { separable: true, weights: nearest };
    if (lowest > square - 1e-14 || corral.includes(entering)) return undefined;
    corral.push(entering);
    shares.push(0);
    // Nearest point of the plane through the corral; while it lies outside their hull, walk to the hull's edge and drop a corner.
    for (;;) {
      const affine = affineMinimum(corral, directions, columns);
      if (affine === undefined) return undefined;
      if (affine.every((share) => share > 1e-14)) {
        shares = affine;
        break;
      }
      let step = 1;
      affine.forEach((share, k) => {
        if (share <= 1e-14) step = Math.min(step, shares[k]! / (shares[k]! - share));
      });
      const moved = shares.map((share, k) => share + step * (affine[k]! - share));
      const kept = moved.map((share) => share > 1e-14);
      corral = corral.filter((_, k) => kept[k]);
      shares = moved.filter((_, k) => kept[k]);
    }
    nearest = new Float64Array(columns);
    corral.forEach((i, k) => {
      for (let j = 0; j < columns; j++) nearest[j]! += shares[k]! * directions[i * columns + j]!;
    });
  }
  return undefined;
}

/** Shares, summing to 1, of the point nearest to the origin in the plane through the corral; undefined where its corners are dependent. */
function affineMinimum(corral: readonly number[], directions: Float64Array, columns: number): number[] | undefined {
  const n = corral.length;
  const row = (k: number) => directions.subarray(corral[k]! * columns, (corral[k]! + 1) * columns);
  // (P P^T + 1) v = 1, shares = v / sum v: the matrix is positive definite where the corners are affinely independent.
  const system = corral.map((_, a) => [...corral.map((_, b) => dot(row(a), row(b)) + 1), 1]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(system[r]![c]!) > Math.abs(system[pivot]![c]!)) pivot = r;
    if (Math.abs(system[pivot]![c]!) < 1e-14) return undefined;
    [system[c], system[pivot]] = [system[pivot]!, system[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = system[r]![c]! / system[c]![c]!;
      if (factor !== 0) for (let k = c; k <= n; k++) system[r]![k]! -= factor * system[c]![k]!;
    }
  }
  const v = system.map((line, c) => line[n]! / line[c]!);
  const sum = v.reduce((a, b) => a + b, 0);
  return v.map((value) => value / sum);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
