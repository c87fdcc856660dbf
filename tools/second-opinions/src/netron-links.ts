import type { NetronArgument, NetronGraph, NetronNode } from './netron';

/** Where a node, the picture or the output is not tied to what it should be; none in a chain of layers. */
export function brokenLinks({ nodes, inputs, outputs }: NetronGraph): string[] {
  const links = nodes.slice(1).map((node, index) => [nodes[index].outputs, node.inputs, `node ${index + 1}`] as const);
  const ends = [
    [nodes[0].inputs, inputs, 'the input'],
    [nodes[nodes.length - 1].outputs, outputs, 'the output'],
  ] as const;
  return [...links, ...ends].filter(([from, to]) => !namesOf(from).includes(namesOf(to)[0])).map(([, , what]) => what);
}

function namesOf([first]: readonly NetronArgument[]): string[] {
  return first.values.map(({ name }) => name);
}

/** Names as plain places: netron tells two uses of one place apart by a suffix. */
export function withoutSuffixes(node: NetronNode): NetronNode {
  const strip = (list: readonly NetronArgument[]) =>
    list.map(({ name, values }) => ({
      name,
      values: values.map((value) => ({ ...value, name: value.name.replace(/#.*/, '') })),
    }));
  return { ...node, inputs: strip(node.inputs), outputs: strip(node.outputs) };
}
