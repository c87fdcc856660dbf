import * as tf from '@tensorflow/tfjs-core';

import { DTYPE, type Addon, type AddonOutput, type AttributeValue, type TypedValues } from './addon';

/** Under which tfjs knows the back end; tfjs-node itself takes another name. */
export const NATIVE = 'native';

interface Stored {
  readonly id: number;
  references: number;
}

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A back end of tfjs whose tensors live in the addon. Everything runs at once, nothing is put off. */
export class NativeBackend extends tf.KernelBackend {
  private readonly stored: tf.DataStorage<Stored>;

  constructor(readonly addon: Addon) {
    super();
    this.stored = new tf.DataStorage(this, tf.engine());
  }

  /** Runs an operation of TensorFlow by its name. The answers belong to the caller and to no tidy. */
  execute(operation: string, attributes: Attributes, inputs: readonly tf.TensorInfo[], outputs = 1): tf.TensorInfo[] {
    const ids = inputs.map(({ dataId }) => this.idOf(dataId));
    return this.executeIds(operation, attributes, ids, outputs).map((output) => this.own(output));
  }

  /** The same, on the addon's own numbers. */
  executeIds(operation: string, attributes: Attributes, ids: readonly number[], outputs = 1): AddonOutput[] {
    const named = Object.entries(attributes).map(([name, attribute]) => ({ name, ...attribute }));
    return this.addon.executeOp(operation, named, ids, outputs);
  }

  idOf(dataId: tf.DataId): number {
    return this.stored.get(dataId).id;
  }

  own({ id, shape, dtype }: AddonOutput): tf.TensorInfo {
    const dataId = {};
    this.stored.set(dataId, { id, references: 1 });
    return { dataId, shape, dtype: dtype === DTYPE.int32 ? 'int32' : dtype === DTYPE.bool ? 'bool' : 'float32' };
  }

  /** The tensor of an answer; a tidy around the call clears it. */
  tensor<T extends tf.Tensor>(info: tf.TensorInfo): T {
    return tf.engine().makeTensorFromTensorInfo(info, this) as T;
  }

  /** The same numbers once more. */
  share({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: tf.DataId, values: tf.BackendValues, shape: number[], dtype: tf.DataType, references: number) {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw new Error(`internal: the native back end holds no ${dtype} tensors`);
    const id = this.addon.createTensor(shape, DTYPE[dtype], values as TypedValues);
    this.stored.set(dataId, { id, references });
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    return this.addon.tensorDataSync(this.idOf(dataId));
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.stored.has(dataId)) return true;
    const entry = this.stored.get(dataId);
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.addon.deleteTensor(entry.id);
    return this.stored.delete(dataId);
  }

  override incRef(dataId: tf.DataId): void {
    this.stored.get(dataId).references++;
  }

  override refCount(dataId: tf.DataId): number {
    return this.stored.has(dataId) ? this.stored.get(dataId).references : 0;
  }

  override numDataIds(): number {
    return this.stored.numDataIds();
  }

  override memory() {
    return { unreliable: true };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    // Tensors are disposed of one by one; the addon itself stays for the life of the process.
  }
}

/** The running back end. */
export function nativeBackend(): NativeBackend {
  const backend = tf.findBackend(NATIVE);
  if (!(backend instanceof NativeBackend)) throw new Error('internal: the native back end is not open');
  return backend;
}
