import type { PythonPeer } from './python-environment';

/** Keras 3 on TensorFlow. */
export const KERAS: PythonPeer = {
  name: 'keras',
  version: '3.15.1',
  python: '3.12',
  requirements: 'keras-requirements.txt',
};
