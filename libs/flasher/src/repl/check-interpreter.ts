import type { Report } from '@graft/foundation';
import { noKpuModule } from './errors';
import type { RawRepl } from './raw-repl';

const PROGRAM = `import os, sys
print(sys.implementation[0], *(os.uname()[2:] if hasattr(os, "uname") else ()))
try:
  import KPU
  print("KPU")
except ImportError:
  print("none")`;

const ANSWER_MS = 5000;

/** Says what runs on the board, and warns where that is no MaixPy: it takes the files, and cannot run them. */
export async function checkInterpreter(repl: Pick<RawRepl, 'run'>, report: Report): Promise<void> {
  const [name, kpu] = (await repl.run(PROGRAM, ANSWER_MS)).trim().split(/\r?\n/);
  report({ type: 'note', message: `the board runs ${name}` });
  if (kpu !== 'KPU') report(noKpuModule(name));
}
