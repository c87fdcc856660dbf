import { rowsThatFit } from '@graft/image';
import type { ContactSheet, Examples } from '@graft/image';
import type { TrainSettings } from '@graft/pipeline';
import { drawFromEachClass } from '../../shared/draw-pictures';
import { indicesWhere, trainingExamples } from '../../shared/examples';

export interface Sample {
  readonly sheet: ContactSheet;
  /** Training examples that are on the sheet, and that there are. */
  readonly shown: number;
  readonly all: number;
}

type Settings = Pick<TrainSettings, 'seed' | 'classes' | 'augment'>;

/**
 * Some training examples of each class, each as preprocessed and beside that as training will see it: its copies, or, where
 * they are drawn anew, its first copy of several epochs.
 */
export function sampleSheet(
  name: string,
  examples: Examples,
  settings: Settings,
  { pictures, copies }: { readonly pictures: number; readonly copies: number },
): Sample {
  const training = indicesWhere(examples, ({ split }) => split === 'train');
  const count = Math.min(rowsThatFit(examples.index), pictures * settings.classes.length);
  const taken = drawFromEachClass(examples, training, count, `contact sheet ${settings.seed}`);
  const views = viewsOf(settings.augment, copies);
  const classes = settings.classes.map((label) => ({
    label,
    rows: taken
      .filter((index) => examples.index.examples[index].label === label)
      .map((index) => rowOf(examples, index, settings, views.length)),
  }));
  const sheet = {
    title: `Training pictures of ${name}`,
    size: { height: examples.index.height, width: examples.index.width },
    columns: ['as it is', ...views],
    classes: classes.filter(({ rows }) => rows.length > 0),
  };
  return { sheet, shown: taken.length, all: training.length };
}

function viewsOf({ repeats, redraw }: Settings['augment'], copies: number): string[] {
  if (repeats === 0) return [];
  const word = redraw === 'once' ? 'copy' : 'epoch';
  return Array.from({ length: redraw === 'once' ? Math.min(copies, repeats) : copies }, (_, at) => `${word} ${at + 1}`);
}

function rowOf(examples: Examples, index: number, settings: Settings, views: number) {
  const { path, id } = examples.index.examples[index];
  const frame = /#(\d+)$/.exec(id);
  const seen = trainingExamples(examples, [index], settings);
  const cells = Array.from({ length: views }, (_, at) =>
    (settings.augment.redraw === 'once' ? seen[at] : (seen[0].inEpoch?.(at + 1) ?? seen[0])).pixels(),
  );
  return {
    name: frame === null ? path : `${path} #${frame[1]}`,
    cells: [examples.pixels(index), ...cells],
  };
}
