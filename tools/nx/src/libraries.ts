import boundaries from '../boundaries.json';

const BOUNDARIES: Readonly<Record<string, { readonly imports: readonly string[] }>> = boundaries;

/** Libraries and all whose code they may run, sorted: what can change a stage's result. Types are no code. */
export function libraryClosure(libraries: readonly string[]): string[] {
  const seen = new Set<string>();
  const visit = (library: string): void => {
    if (seen.has(library)) return;
    seen.add(library);
    BOUNDARIES[library]?.imports.forEach(visit);
  };
  libraries.forEach(visit);
  return [...seen].sort();
}
