// What each activation is called in other tools, and where its parameters and fixed settings stand there. Importers and
// exporters read this table. Layers that are activations with weights or axes of their own (PReLU, Softmax) are the importers'.

import type { ActivationLike, ActivationName } from '../plan/activations.js';

type Setting = number | string | undefined;

/** One activation in another tool. */
interface NameElsewhere {
  readonly name: string;
  /** Other spellings, read but never written. */
  readonly aliases?: readonly string[];
  /** Our parameter -> the tool's name for it, and what it is there when nothing is said. */
  readonly parameters?: Readonly<Record<string, { readonly name: string; readonly preset: number }>>;
  /** Settings that must have these values for it to be this activation, and what they are there when nothing is said. */
  readonly settings?: Readonly<Record<string, { readonly value: Setting; readonly preset: Setting }>>;
}

/** An ONNX operator: `since` is the first opset that has it, where that is later than what the exporter needs (13). */
export interface OnnxOperator extends NameElsewhere {
  readonly since?: number;
}

export interface ActivationNames {
  readonly onnx?: OnnxOperator;
  /** As a function's name in Keras ('relu' in Dense(8, activation='relu')). */
  readonly keras?: NameElsewhere;
  /** A class of torch.nn. */
  readonly pytorch?: NameElsewhere;
  /** As MLPClassifier's activation or out_activation_. */
  readonly sklearn?: NameElsewhere;
}

const alpha = { alpha: { name: 'alpha', preset: 1 } } as const;
const tanhForm = (value: string) => ({ approximate: { value, preset: undefined } }) as const;

// biome-ignore format: a table, columns lined up
export const namesElsewhere: Readonly<Partial<Record<ActivationName, ActivationNames>>> = {
  identity:    { onnx: { name: 'Identity' },   keras: { name: 'linear' },   pytorch: { name: 'Identity' }, sklearn: { name: 'identity' } },
  sign:        { onnx: { name: 'Sign' } },
  sigmoid:     { onnx: { name: 'Sigmoid' },    keras: { name: 'sigmoid' },  pytorch: { name: 'Sigmoid' },  sklearn: { name: 'logistic' } },
  tanh:        { onnx: { name: 'Tanh' },       keras: { name: 'tanh' },     pytorch: { name: 'Tanh' },     sklearn: { name: 'tanh' } },
  relu:        { onnx: { name: 'Relu' },       keras: { name: 'relu' },     pytorch: { name: 'ReLU' },     sklearn: { name: 'relu' } },
  leakyRelu:   { onnx:    { name: 'LeakyRelu',  parameters: { slope: { name: 'alpha', preset: 0.01 } } },
                 keras:   { name: 'leaky_relu', parameters: { slope: { name: 'negative_slope', preset: 0.2 } } },
                 pytorch: { name: 'LeakyReLU',  parameters: { slope: { name: 'negative_slope', preset: 0.01 } } } },
  prelu:       { onnx: { name: 'PRelu' },      pytorch: { name: 'PReLU' } },
  elu:         { onnx: { name: 'Elu', parameters: alpha },  keras: { name: 'elu', parameters: alpha },  pytorch: { name: 'ELU', parameters: alpha } },
  celu:        { onnx: { name: 'Celu', parameters: alpha }, keras: { name: 'celu', parameters: alpha }, pytorch: { name: 'CELU', parameters: alpha } },
  selu:        { onnx:    { name: 'Selu', settings: { alpha: { value: 1.6732632, preset: 1.6732632 }, gamma: { value: 1.0507009, preset: 1.0507009 } } },
                 keras:   { name: 'selu' },    pytorch: { name: 'SELU' } },
  gelu:        { onnx: { name: 'Gelu', since: 20 }, keras: { name: 'gelu' }, pytorch: { name: 'GELU' } },
  geluTanh:    { onnx: { name: 'Gelu', since: 20, settings: tanhForm('tanh') }, pytorch: { name: 'GELU', settings: tanhForm("'tanh'") } },
  silu:        { onnx: { name: 'Swish', since: 24, settings: { alpha: { value: 1, preset: 1 } } }, keras: { name: 'silu', aliases: ['swish'] }, pytorch: { name: 'SiLU' } },
  softplus:    { onnx: { name: 'Softplus' },   keras: { name: 'softplus' }, pytorch: { name: 'Softplus', settings: { beta: { value: 1, preset: 1 } } } },
  softsign:    { onnx: { name: 'Softsign' },   keras: { name: 'softsign' }, pytorch: { name: 'Softsign' } },
  mish:        { onnx: { name: 'Mish', since: 18 }, keras: { name: 'mish' }, pytorch: { name: 'Mish' } },
  hardSigmoid: { onnx:  { name: 'HardSigmoid', settings: { alpha: { value: 1 / 6, preset: 0.2 }, beta: { value: 0.5, preset: 0.5 } } },
                 keras: { name: 'hard_sigmoid' }, pytorch: { name: 'Hardsigmoid' } },
  softmax:     { onnx: { name: 'Softmax' },    keras: { name: 'softmax' },  pytorch: { name: 'Softmax' },  sklearn: { name: 'softmax' } },
  logSoftmax:  { onnx: { name: 'LogSoftmax' }, keras: { name: 'log_softmax' }, pytorch: { name: 'LogSoftmax' } },
  hardSwish:   { onnx: { name: 'HardSwish', since: 14 }, keras: { name: 'hard_silu', aliases: ['hard_swish'] }, pytorch: { name: 'Hardswish' } },
};

export type Tool = keyof ActivationNames;

/** How an importer reads what stands beside an activation's name. */
export interface SettingReader {
  /** The value of a setting; `preset` where the file says nothing. */
  read(setting: string, preset: Setting): unknown;
  /** A parameter, a finite number. */
  number(setting: string, preset: number): number;
  /** Called where a setting has a value that no activation of this library has. */
  refuse(setting: string, value: unknown, activation: ActivationName): never;
}

/**
 * The activation that a tool calls `name`, with its parameters; undefined for a name that is not in the table. Without a reader
 * every setting is what it is when nothing is said.
 */
export function activationCalled(tool: Tool, name: unknown, reader?: SettingReader): ActivationLike | undefined {
  const called = Object.entries(namesElsewhere).flatMap(([activation, names]) => {
    const row = names[tool];
    const fits = row !== undefined && (row.name === name || row.aliases?.includes(name as string));
    return fits ? [{ activation: activation as ActivationName, row, settings: Object.entries(row.settings ?? {}) }] : [];
  });
  // Of two that share a name the one that asks for a setting goes first.
  called.sort((one, other) => other.settings.length - one.settings.length);
  const read = (setting: string, preset: Setting) => (reader ? reader.read(setting, preset) : preset);
  for (const [i, { activation, row, settings }] of called.entries()) {
    const wrong = settings.find(([setting, { value, preset }]) => !sameSetting(read(setting, preset), value));
    if (wrong !== undefined) {
      if (i < called.length - 1) continue;
      return reader?.refuse(wrong[0], read(wrong[0], wrong[1].preset), activation);
    }
    const parameters = Object.entries(row.parameters ?? {});
    if (parameters.length === 0) return activation as ActivationLike;
    const values = parameters.map(([own, { name, preset }]) => [own, reader ? reader.number(name, preset) : preset]);
    return { name: activation, ...Object.fromEntries(values) } as ActivationLike;
  }
  return undefined;
}

/** Equal, or for numbers within what a file's float32 keeps of them. */
function sameSetting(got: unknown, value: Setting): boolean {
  return typeof got === 'number' && typeof value === 'number' ? Math.abs(got - value) <= 1e-6 : got === value;
}
