import { join } from 'node:path';
import { placeOf } from './mirrors';
import { RefusedAddress } from './public-address';

const ADDRESS = 'https://models.example.org/v1/model.json';
const at = (mirrors: Record<string, string>, address = ADDRESS) => placeOf(address, mirrors, '/workspace');

test('an address without a mirror stands for itself and is not trusted', () => {
  expect(at({ 'https://other.example.org/': 'x' })).toEqual({ type: 'url', url: new URL(ADDRESS), trusted: false });
});

test('a mirror folder is relative to the workspace', () => {
  expect(at({ 'https://models.example.org/': 'mirror/models' })).toEqual({
    type: 'file',
    path: join('/workspace', 'mirror', 'models', 'v1', 'model.json'),
  });
});

test('a mirror address may be plain http, as somebody named it', () => {
  const place = at({ 'https://models.example.org': 'http://inner.example/tf/' });
  expect(place).toEqual({ type: 'url', url: new URL('http://inner.example/tf/v1/model.json'), trusted: true });
});

test('the longest prefix wins', () => {
  const mirrors = { 'https://models.example.org/': 'a', 'https://models.example.org/v1/': 'b' };
  expect(at(mirrors)).toEqual({ type: 'file', path: join('/workspace', 'b', 'model.json') });
});

test.each([
  'https://models.example.org/../../etc/passwd',
  'https://models.example.org/%2e%2e/x',
  'https://models.example.org/a%2f..%2fx',
])('%s does not lead out of the mirror folder', (address) => {
  expect(() => at({ 'https://models.example.org/': 'm' }, address)).toThrow(RefusedAddress);
});
