// Each kind of scaler, made.

import { MinMaxScaler, RobustScaler, SmoothClipScaler, StandardScaler } from '../../src/data/scalers/index.js';

// the column of 3.7

const make = {
  StandardScaler: () => new StandardScaler(),
  MinMaxScaler: () => new MinMaxScaler(),
  RobustScaler: () => new RobustScaler(),
  SmoothClipScaler: () => new SmoothClipScaler(),
};

export const everyScaler = Object.entries(make);

export const linear = everyScaler.slice(0, 3);
