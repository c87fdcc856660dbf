import { examineBackend } from '@graft/training';
import type { BackendReport } from '@graft/training';
import { guarded, say } from '../../shared/stage-executor';
import { trainingThreads } from '../../shared/training-threads';

export interface DoctorOptions {
  readonly json: boolean;
}

export default function doctorExecutor({ json }: DoctorOptions) {
  return guarded(async (signal) => {
    const examined = await examineBackend('auto', { signal, threads: trainingThreads() });
    say(json ? JSON.stringify(examined, null, 2) : pageOf(examined));
  });
}

function pageOf({ backend, looked, forward, headExamplesPerSecond }: BackendReport): string {
  return [
    `back end     ${backend.name} ${backend.version}: ${backend.reason}`,
    'looked for a native library',
    ...looked.map(({ path, found }) => `  ${path}: ${found}`),
    ...forward.map(
      ({ alpha, picturesPerSecond }) => `forward      ${picturesPerSecond.toFixed(1)} pictures/s at alpha ${alpha}`,
    ),
    `head         ${headExamplesPerSecond.toFixed(0)} examples/s on kept features (1024, 1024 and 512 units)`,
    ...(backend.name === 'wasm' ? ['faster       npx nx run training:setup-native'] : []),
  ].join('\n');
}
