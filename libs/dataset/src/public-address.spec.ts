import {
  checkLiteralAddress,
  checkNameBehindProxy,
  isPublicAddress,
  lookupPublic,
  RefusedAddress,
} from './public-address';

test.each(['8.8.8.8', '172.32.0.1', '193.0.0.1', '2606:4700::1', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
  ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1'],
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', 'example.org', ''],
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  'https://127.0.0.1/x',
  'https://127.1/x',
  'https://0x7f000001/',
  'https://[::1]/',
  'https://[::ffff:a00:1]/',
])('an inner address that is written out as %s is refused', (url) => {
  expect(() => checkLiteralAddress(new URL(url))).toThrow(RefusedAddress);
});

test('a name that stands for an inner address is refused when the connection looks it up', async () => {
  const error = await new Promise((resolve) => lookupPublic('localhost', { all: true }, resolve));
  expect(error).toBeInstanceOf(RefusedAddress);
  expect(String(error)).toMatch(
    /localhost is refused: it stands for (127\.0\.0\.1|::1), which is not a public address/,
  );
});

test('behind a proxy a name is refused where this machine knows it as an inner one, and else left to the proxy', async () => {
  await expect(checkNameBehindProxy(new URL('https://localhost/x'))).rejects.toThrow(RefusedAddress);
  await expect(checkNameBehindProxy(new URL('https://10.0.0.1/x'))).rejects.toThrow(RefusedAddress);
  await expect(checkNameBehindProxy(new URL('https://pictures.invalid/x'))).resolves.toBeUndefined();
});
