// The stages of an integer network, from the section "model" of a file and its tensors: every option, name and shape is checked, and anything
// that is not known here is refused by its name.
//
//     model      { integers: 1, inputs, layers: [{ type: "dense", units, digits, curve }, …] }, and center: true where rows are centred first
//     curve      { form } and, as tensors, layers.0.slopes or tables.0 (curve.table says which)
//     tensors    layers.0.integers [outputs, inputs] int8, .scale .bias [outputs], .low .inverse [inputs]; of the other kinds as below; center

import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { TABLE_LENGTH } from './curves.js';
import { MOST_INPUTS, wholeForms, widthOf, type Curve, type DenseStage, type IntegerLayers, type Stage } from './stages.js';

/** The version of the section "model" that is written and read here. */
export const INTEGERS = 1;

/** What holds the numbers of each type of tensor. */
interface Arrays {
  readonly I8: Int8Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
}

/** Tensors of a file. */
interface Stored {
  readonly names: readonly string[];
  tensor(name: string, shape: readonly number[], types: string): () => Arrays[keyof Arrays];
}

/** Most columns of a layer, as models have it. */
const MOST_UNITS = 2 ** 24;

/** Whether the section "model" of a file is of an integer network. */
export const isInteger = (model: SavedState): boolean => model.raw('integers') !== undefined;

/** @throws ERR_FORMAT, ERR_UNSUPPORTED, ERR_NONFINITE. */
export function integerLayers(model: SavedState, file: Stored): IntegerLayers {
  if (model.raw('integers') !== INTEGERS)
    refuseUnknown(`its whole numbers are of version ${show(model.raw('integers'))}, and this one reads ${INTEGERS}`);
  const inputs = widthIn(model, 'inputs');
  const reader = new Reader(file);
  reader.others(model, 'integers inputs layers center', 'the model');
  const stages = reader.sequence(model.list('layers'), inputs, 'layers');
  if (stages.length === 0) model.refuse('layers', 'at least one layer', []);
  const center = model.raw('center') === undefined ? undefined : reader.tensor('center', 'F64', [inputs]);
  reader.refuseRest();
  return { inputs, outputs: widthOf(stages[stages.length - 1]!), center, stages };
}

class Reader {
  private readonly used = new Set<string>();

  constructor(private readonly file: Stored) {}

  sequence(specs: readonly unknown[], inputs: number, path: string): Stage[] {
    let width = inputs;
    return specs.map((spec, i) => {
      const stage = this.stage(new SavedState(spec, `${path}.${i}`, true), width, `${path}.${i}`);
      width = widthOf(stage);
      return stage;
    });
  }

  private stage(saved: SavedState, width: number, path: string): Stage {
    const type = saved.string('type');
    switch (type) {
      case 'dense':
        return this.dense(saved, width, path);
      case 'activation':
        this.others(saved, 'type curve', path);
        return { kind: 'activation', width, curve: this.curve(saved, width, path) };
      case 'affine': {
        this.others(saved, 'type', path);
        const values = (name: string) => this.tensor(`${path}.${name}`, 'F64', [width]);
        return { kind: 'affine', width, center: values('center'), factor: values('factor'), shift: values('shift') };
      }
      case 'layerNorm': {
        this.others(saved, 'type epsilon', path);
        const values = (name: string) => this.tensor(`${path}.${name}`, 'F32', [width]);
        return { kind: 'layerNorm', width, epsilon: saved.number('epsilon'), gamma: values('gamma'), beta: values('beta') };
      }
      case 'residual': {
        this.others(saved, 'type layers projection', path);
        const stages = this.sequence(saved.list('layers'), width, `${path}.layers`);
        const outputs = stages.length === 0 ? width : widthOf(stages[stages.length - 1]!);
        const given = saved.raw('projection');
        const projection =
          given === undefined ? undefined : this.dense(saved.inner('projection', given), width, `${path}.projection`);
        if ((projection?.outputs ?? width) !== outputs) saved.refuse('projection', `one to ${outputs} columns`, given);
        return { kind: 'residual', inputs: width, outputs, stages, projection };
      }
      default:
        return refuseUnknown(`${path} is a layer of type ${show(type)}`);
    }
  }

  private dense(saved: SavedState, inputs: number, path: string): DenseStage {
    this.others(saved, 'type units digits curve', path);
    const outputs = widthIn(saved, 'units');
    if (inputs > MOST_INPUTS) saved.refuse('inputs', `at most ${MOST_INPUTS}`, inputs);
    const own = (name: string, length: number) => this.tensor(`${path}.${name}`, 'F32', [length]);
    const inverse = own('inverse', inputs);
    if (inverse.some((value) => value < 0)) saved.refuse('inverse', 'numbers from 0 up', inverse);
    return {
      kind: 'dense',
      inputs,
      outputs,
      digits:
        saved.raw('digits') === 2 ? 2 : saved.raw('digits') === 1 ? 1 : saved.refuse('digits', '1 or 2', saved.raw('digits')),
      integers: this.tensor(`${path}.integers`, 'I8', [outputs, inputs]),
      scale: own('scale', outputs),
      bias: own('bias', outputs),
      low: own('low', inputs),
      inverse,
      curve: this.curve(saved, outputs, path),
    };
  }

  private curve(saved: SavedState, width: number, path: string): Curve {
    const own = saved.inner('curve', saved.raw('curve'));
    const form = own.string('form');
    this.others(own, `form ${form === 'table' ? 'table' : form === 'bend' ? 'shared' : ''}`, `${path}.curve`);
    if (form === 'none') return { form };
    if (form === 'bend') return { form, slopes: this.tensor(`${path}.slopes`, 'F32', [own.boolean('shared') ? 1 : width]) };
    if (form === 'table') return { form, table: this.tensor(`tables.${own.count('table')}`, 'F32', [TABLE_LENGTH]) };
    const whole = wholeForms.find((name) => name === form);
    return whole === undefined ? refuseUnknown(`${path} has the curve ${show(form)}`) : { form: whole };
  }

  tensor<Type extends keyof Arrays>(name: string, type: Type, shape: readonly number[]): Arrays[Type] {
    const read = this.file.tensor(name, shape, type);
    this.used.add(name);
    return read() as Arrays[Type];
  }

  /** @throws ERR_UNSUPPORTED for a member that is not named in `known`. */
  others(saved: SavedState, known: string, where: string): void {
    const other = Object.keys(saved.fields).find((key) => !known.split(' ').includes(key));
    if (other !== undefined) refuseUnknown(`${where} has ${show(other)}`);
  }

  refuseRest(): void {
    for (const name of this.file.names) if (!this.used.has(name)) refuse(`${show(name)} is no tensor of the model`);
  }
}

function widthIn(saved: SavedState, field: string): number {
  const width = saved.count(field);
  return width >= 1 && width <= MOST_UNITS ? width : saved.refuse(field, `from 1 to ${MOST_UNITS}`, width);
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Model file: ${problem}.`);
}

function refuseUnknown(what: string): never {
  return fail('ERR_UNSUPPORTED', `Model file: ${what}, which this version of feedforward does not know. Update feedforward.`);
}
