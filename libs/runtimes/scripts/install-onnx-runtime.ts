// Installs ONNX Runtime into the cache that is named, and prints its folder; for tests, which have to know at once whether it is there.
import { formatError, silent } from '@graft/foundation';
import { installOnnxRuntime } from '@graft/runtimes';

const [, , cacheFolder = '.graft'] = process.argv;
installOnnxRuntime({ cacheFolder, registry: null, report: silent, signal: new AbortController().signal }).then(
  (folder) => process.stdout.write(folder),
  (error: unknown) => {
    process.stderr.write(formatError(error));
    process.exitCode = 1;
  },
);
