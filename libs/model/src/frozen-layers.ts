import { freezesTooMany } from './errors';
import { kerasLayers, type MobilenetConfig } from './mobilenet';

/** Which layers do not learn: the backbone, none, or the first so many as today's Keras counts (the input layer is the first). */
export type FreezeRule =
  { readonly type: 'backbone' } | { readonly type: 'none' } | { readonly type: 'first'; readonly layers: number };

/** Keras names of the layers that the rule freezes, from the front to the back. @throws GraftError E603 */
export function frozenLayers(freeze: FreezeRule, config: Pick<MobilenetConfig, 'alpha' | 'output'>): readonly string[] {
  const names = kerasLayers(config);
  switch (freeze.type) {
    case 'backbone':
      return names;
    case 'none':
      return [];
    case 'first':
      if (freeze.layers > names.length) throw freezesTooMany(freeze.layers, names.length, config.output);
      return names.slice(0, freeze.layers);
  }
}
