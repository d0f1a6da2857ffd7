// A network that gets all its weights from somewhere: from a file, from the nets that it is the mean of.

import { CoreBackend } from '../core/backend.js';
import { Model } from '../model/model.js';
import { blank, resolveNetwork, type MLPOptions } from '../plan/network.js';
import { MLP } from './mlp.js';

/** A network of these options whose weights are 0. Through Model's constructor alone, since MLP's would draw them. */
export const blankModel = (options: MLPOptions): MLP =>
  Reflect.construct(Model, [new CoreBackend(blank(resolveNetwork(options)))], MLP);
