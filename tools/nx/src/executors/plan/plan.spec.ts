import type { ExecutorContext } from '@nx/devkit';
import type { StageVerdict } from '../../shared/explain-stages';
import { planLines, planOf } from './plan';
import { targetsBehind } from './targets-behind';

const took = (seconds: number) => ({
  ...{ seconds, fastest: seconds / 2, slowest: seconds * 2, runs: 3 },
  ...{ peakMemoryBytes: seconds * 1e7, outputBytes: 250_000 },
});

const stage = (
  name: StageVerdict['stage'],
  verdict: StageVerdict['verdict'],
  expected: StageVerdict['expected'],
): StageVerdict => ({ stage: name, verdict, reasons: [], expected });

test('a plan tells what runs, what may run on top, what is saved, and what past runs lead to expect', () => {
  const plan = planOf('export-kmodel', [
    stage('resolve', 'would run', took(0.5)),
    stage('fetch', 'up to date', took(12)),
    stage('train', 'would run', took(75)),
    stage('quantize', 'runs if its input changes', took(20)),
    stage('compile', 'runs if its input changes', null),
  ]);
  expect(planLines(plan)).toEqual([
    'export-kmodel:',
    'stage     verdict                    time        fastest … slowest  peak memory  output  past runs',
    'resolve   would run                  0.5 s       0.3 s … 1.0 s      5.0 MB       0.3 MB  3',
    'fetch     up to date',
    'train     would run                  1 min 15 s  38 s … 2 min 30 s  750 MB       0.3 MB  3',
    'quantize  runs if its input changes  20 s        10 s … 40 s        200 MB       0.3 MB  3',
    'compile   runs if its input changes  unknown                                             none',
    'would run: about 1 min 16 s',
    'if inputs come out otherwise, on top: about 20 s and what compile takes: no past run here',
    'saved: about 12 s',
    'memory: at most about 750 MB at once; outputs: about 0.8 MB',
    "A stage that once ran with the same inputs may come from the build tool's cache instead, in about a second.",
  ]);
});

test('a plan for which nothing is known says so, and one in which nothing runs as well', () => {
  const unknown = planLines(planOf('train', [stage('train', 'would run', null)]));
  expect(unknown).toContain('would run: unknown time: no past run here');
  expect(unknown.join('\n')).not.toContain('memory:');
  expect(planLines(planOf('train', [stage('train', 'up to date', took(3))])).at(-1)).toBe(
    'nothing would run; saved: about 3.0 s',
  );
});

test('the targets behind one are those that it depends on, at any depth; others are an error (E515)', () => {
  const targets = { a: { dependsOn: ['b'] }, b: { dependsOn: ['c', { target: 'x', projects: ['y'] }] }, c: {}, d: {} };
  const context: ExecutorContext = {
    ...{ root: '/', cwd: '/', isVerbose: false, projectName: 'p' },
    projectsConfigurations: { version: 2, projects: { p: { root: 'p', targets } } },
    ...{ nxJsonConfiguration: {}, projectGraph: { nodes: {}, dependencies: {} } },
  };
  expect([...targetsBehind('a', context)]).toEqual(['a', 'b', 'c']);
  expect(() => targetsBehind('e', context)).toThrow(expect.objectContaining({ code: 'E515' }));
});
