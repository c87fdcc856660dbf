/** What stage `check` found, as its `check.json` has it; what is not shown is not named here. */
export interface HealthFacts {
  /** By class key. */
  readonly classes: readonly { readonly label: string; readonly fetched: number; readonly kept: number }[];
  readonly checks: readonly {
    /** Key below `dataset.checks`. */
    readonly check: string;
    readonly action: string;
    readonly findings: readonly { readonly pictures: readonly unknown[]; readonly surplus: readonly unknown[] }[];
  }[];
  /** Groups of look-alikes on more than one side of the split. */
  readonly straddlingGroups: number;
}

/** How many pictures each side of the split has, by class key. */
export type SplitCounts = readonly {
  readonly label: string;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}[];

export interface HealthRow {
  readonly check: string;
  readonly action: string;
  /** Pictures that the check names, and those that it leaves out. */
  readonly named: number;
  readonly leftOut: number;
}

/** The checks that found something, in the order in which they ran. */
export function healthRows({ checks }: HealthFacts): HealthRow[] {
  return checks
    .filter(({ findings }) => findings.length > 0)
    .map(({ check, action, findings }) => ({
      check,
      action,
      named: findings.reduce((sum, { pictures }) => sum + Math.max(1, pictures.length), 0),
      leftOut: action === 'drop' ? findings.reduce((sum, { surplus }) => sum + surplus.length, 0) : 0,
    }));
}

/** Null where nothing lies on two sides. */
export function straddlingText({ straddlingGroups: groups }: HealthFacts): string | null {
  if (groups === 0) return null;
  return `${groups} ${groups === 1 ? 'group' : 'groups'} of look-alikes on more than one side of the split: what is tested was partly learned.`;
}
