interface Build {
  readonly minor: number;
  readonly patch: number;
  /** Commits after the release. */
  readonly commits: number;
}

/** What is known of builds by their version, beyond what they load. */
const KNOWN: readonly { readonly concerns: (build: Build) => boolean; readonly note: string }[] = [
  {
    concerns: ({ minor }) => minor < 4,
    note: 'it is older than 0.4, the first that loads kmodel v3: write a newer MaixPy v1 to the board',
  },
  {
    concerns: ({ minor, patch, commits }) => minor === 6 && (patch > 2 || (patch === 2 && commits > 75)),
    note: 'builds after v0.6.2-75 are said not to start main.py by themselves on every board: if the script does not start, take v0.6.2-75',
  },
];

/** @param firmware what the board tells of itself: the words of `os.uname()` */
export function firmwareNotes(firmware: string): string[] {
  const [, minor, patch, commits] = /\bv0\.(\d+)\.(\d+)(?:[-_](\d+))?/.exec(firmware) ?? [];
  if (minor === undefined) return [];
  const build = { minor: Number(minor), patch: Number(patch), commits: Number(commits ?? 0) };
  return KNOWN.filter(({ concerns }) => concerns(build)).map(({ note }) => note);
}
