import type { PythonPeer } from './python-environment';

/** The runtime of TFLite files. */
export const LITERT: PythonPeer = {
  name: 'litert',
  version: '2.3.0',
  python: '3.12',
  requirements: 'litert-requirements.txt',
};
