import * as tf from '@tensorflow/tfjs-core';

import type { Resident } from '../layer';
import { shapeOf, text, type } from './addon';
import { nativeBackend, type NativeBackend } from './native-backend';

/** TensorFlow gives a variable of this name to its handle alone: it goes when the handle goes. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A variable of TensorFlow: numbers in the addon that an operation changes in their place. */
export class Variable implements Resident {
  readonly id: number;
  private readonly native: NativeBackend = nativeBackend();
  private current: tf.Tensor | null = null;

  constructor(values: Float32Array, shape: readonly number[]) {
    const settings = {
      container: text(''),
      shared_name: text(ANONYMOUS),
      dtype: type('float32'),
      shape: shapeOf(shape),
    };
    this.id = this.native.executeIds('VarHandleOp', settings, [])[0].id;
    // A copy: the addon may use the array as its own memory.
    this.assign(tf.tensor(values.slice(), [...shape], 'float32'));
  }

  tensor(): tf.Tensor {
    this.current ??= tf.keep(this.native.tensor(this.native.own(this.value())));
    return this.current;
  }

  read(into: Float32Array): void {
    const { id } = this.value();
    into.set(this.native.addon.tensorDataSync(id));
    this.native.addon.deleteTensor(id);
  }

  /** Before the numbers change: a tensor that still shows them would force TensorFlow to copy. */
  moves(): void {
    this.current?.dispose();
    this.current = null;
  }

  scale(factor: number): void {
    const scaled = tf.tidy(() => tf.mul(this.tensor(), factor));
    this.moves();
    this.assign(scaled);
  }

  dispose(): void {
    this.moves();
    this.native.addon.deleteTensor(this.id);
  }

  private value() {
    return this.native.executeIds('ReadVariableOp', { dtype: type('float32') }, [this.id])[0];
  }

  /** Takes the tensor over. */
  private assign(tensor: tf.Tensor): void {
    this.native.executeIds(
      'AssignVariableOp',
      { dtype: type('float32') },
      [this.id, this.native.idOf(tensor.dataId)],
      0,
    );
    tensor.dispose();
  }
}
