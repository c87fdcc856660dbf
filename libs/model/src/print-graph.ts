import { shortNumber, summarizeArray } from '@graft/tensor';

import type { Graph } from './graph';

/** A block of lines for the input and for each node, blank lines between; equal graphs give equal text. */
export function printGraph({ name, input, nodes }: Graph): string {
  const { channels, height, width, encoding } = input;
  const real = `real = byte · ${shortNumber(encoding.scale)} + ${shortNumber(encoding.offset)}`;
  const picture = `network ${name}\n  picture  ${channels}×${height}×${width}, ${real}\n`;
  return [picture, ...nodes.map(printNode)].join('\n');
}

/** `name: kind`, then a line for each of the node's other fields; arrays by number, ends and digest. */
export function printNode(node: { readonly kind: string; readonly name: string }): string {
  const fields = Object.entries<unknown>({ ...node }).filter(([key]) => key !== 'kind' && key !== 'name');
  const present = fields.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...present.map(([key]) => key.length));
  const lines = present.map(([key, value]) => `  ${key.padEnd(width)}  ${fieldText(value)}\n`);
  return `${node.name}: ${node.kind}\n${lines.join('')}`;
}

function fieldText(value: unknown): string {
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Uint8Array)
    return summarizeArray(value);
  if (typeof value === 'number') return shortNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
