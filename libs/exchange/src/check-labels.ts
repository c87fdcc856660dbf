import { graphShapes } from '@graft/model';
import type { Graph } from '@graft/model';

import { labelsDoNotFit } from './errors';
import type { ModelCard } from './model-card';

/** @throws GraftError E802 */
export function checkLabels(graph: Graph, card: ModelCard): void {
  const outputs = graphShapes(graph).at(-1)?.channels ?? 0;
  if (card.labels.length !== outputs) throw labelsDoNotFit(card.labels.length, outputs);
}
