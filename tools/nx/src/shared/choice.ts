/** The variant that a run is about; empty: the experiment itself. Set by the plugin before any task is hashed. */
export const VARIANT_VARIABLE = 'GRAFT_VARIANT';

/** Keys set on top for one run, a JSON list of texts such as `train.epochs=5`; empty: none. Set like the variant. */
export const SETTINGS_VARIABLE = 'GRAFT_SETTINGS';

export interface Choice {
  /** Empty: none. */
  readonly variant: string;
  /** `train.epochs=5`, in order; later ones win. */
  readonly settings: readonly string[];
}

/** What the plugin left in the environment of a task. */
export function readChoice(environment: NodeJS.ProcessEnv = process.env): Choice {
  const settings = environment[SETTINGS_VARIABLE] ?? '';
  return {
    variant: environment[VARIANT_VARIABLE] ?? '',
    // Written by `choiceVariables`.
    settings: settings === '' ? [] : (JSON.parse(settings) as readonly string[]),
  };
}

/** The reverse: what a task's environment must hold. Both variables are always there, so that none is left from before. */
export function choiceVariables({ variant, settings }: Choice): Record<string, string> {
  return {
    [VARIANT_VARIABLE]: variant,
    [SETTINGS_VARIABLE]: settings.length === 0 ? '' : JSON.stringify(settings),
  };
}

/**
 * What a command line of the build tool asks for: `--configuration=tiny`, `-c tiny`, `run pokedex:train:tiny`,
 * `--set train.epochs=5` (as often as wanted). The last one wins, as in the build tool itself.
 */
export function choiceIn(argv: readonly string[]): Choice {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const named = valuesOf(words, ['--configuration', '-c']);
  const target = words[2] === 'run' ? words[3] : words[2];
  const inTarget = target?.startsWith('-') === false ? target.split(':')[2] : undefined;
  return { variant: named.at(-1) ?? inTarget ?? '', settings: valuesOf(words, ['--set']) };
}

function valuesOf(words: readonly string[], names: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const name = names.find((one) => word === one || word.startsWith(`${one}=`));
    if (name === undefined) return [];
    const value = word === name ? words[index + 1] : word.slice(name.length + 1);
    return value === undefined ? [] : [value];
  });
}
