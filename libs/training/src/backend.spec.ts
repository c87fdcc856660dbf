import * as tf from '@tensorflow/tfjs-core';

import { openBackend } from './backend';
import { backendIdentity } from './backend-identity';
import { lookForNative } from './native/find-native';

const native = lookForNative().find(({ place }) => place !== null);

test('wasm always opens and says why it runs', async () => {
  expect(await openBackend('wasm')).toMatchObject({ name: 'wasm', version: '4.22.0', reason: 'it was asked for' });
  expect(tf.getBackend()).toBe('wasm');
});

test('the identity names back end and version, and is what a choice opens', async () => {
  const { name, version } = await openBackend('auto');
  expect(backendIdentity('auto')).toBe(`${name}-${version}`);
  expect(backendIdentity('wasm')).toBe('wasm-4.22.0');
});

(native === undefined ? test : test.skip)(
  'where tfjs-node is not installed, that is the reason for wasm, and asking for it is an error',
  async () => {
    const reason = 'nothing was built by setup-native; @tensorflow/tfjs-node is not installed';
    expect(await openBackend('auto')).toMatchObject({ name: 'wasm', reason });
    await expect(openBackend('tfjs-node')).rejects.toMatchObject({ code: 'E613' });
  },
);
