import type { CheckDescription } from '@graft/spec';
import { count, keyOf } from './errors';
import { countsOf } from './report';
import type { CheckReport } from './report';

/** Every check there is: what it does here, what it would do by default, how much it found, and what it is about. */
export function checkLines({ outcomes }: CheckReport, checks: readonly CheckDescription[]): string[] {
  return checks.flatMap(({ key, action: preset, finds }) => {
    const outcome = outcomes.find(({ name }) => keyOf(name) === key);
    const action = outcome?.action ?? 'ignore';
    const found = outcome === undefined ? 'not asked' : `found ${countsOf(outcome).named}`;
    return [`${key.padEnd(26)} ${action.padEnd(7)} default ${preset.padEnd(7)} ${found}`, `    ${finds}`];
  });
}

/** Everything that one check found, a line each. */
export function findingLines({ outcomes }: CheckReport, key: string): string[] {
  const outcome = outcomes.find(({ name }) => keyOf(name) === key);
  if (outcome === undefined) return [`${key}: ignored in this experiment`];
  const lines = outcome.findings.map(({ pictures, reason }) => {
    const names = pictures.map(({ name }) => name).join('  =  ');
    return `    ${names}${names === '' ? '' : '   '}${reason}`;
  });
  return [`${key}: ${outcome.action}, ${count(outcome.findings.length, 'finding')}`, ...lines];
}
