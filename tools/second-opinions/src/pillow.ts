import type { PythonPeer } from './python-environment';

/** Pillow, the usual way to read pictures in Python. */
export const PILLOW: PythonPeer = {
  name: 'pillow',
  version: '13.0.0',
  python: '3.12',
  requirements: 'pillow-requirements.txt',
};
