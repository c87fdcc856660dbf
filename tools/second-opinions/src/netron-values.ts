import { sha256 } from '@graft/foundation';

import type { NetronNode, NetronValue } from './netron';

/** What is known of a node; what is left out or undefined may be anything. */
export type MeantNode = Omit<NetronNode, 'chain' | 'inputs' | 'outputs'> & {
  readonly inputs: readonly MeantArgument[];
  readonly outputs: readonly MeantArgument[];
  readonly chain?: readonly Partial<NetronNode>[];
};

export interface MeantArgument {
  readonly name: string;
  readonly values: readonly MeantValue[];
}

export type MeantValue = Pick<NetronValue, 'name'> & { readonly shape?: readonly number[] };

/** A place in main memory, by byte. */
export function main(address: number, shape?: readonly number[]): MeantValue {
  return { name: `main:${address}`, shape };
}

/** A place in KPU RAM, by line. */
export function kpu(line: number, shape?: readonly number[]): MeantValue {
  return { name: `kpu:${line}`, shape };
}

/** A table in the file. */
export function constant(dataType: 'uint8' | 'float32', shape: readonly number[], data: ArrayBufferView): NetronValue {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name: '', dataType, shape, bytes: bytes.length, sha256: sha256(bytes) };
}
