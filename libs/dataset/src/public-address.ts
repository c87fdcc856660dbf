import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { addressRefused } from './errors';

/** What is not the public internet: loopback, private, link-local, shared, reserved, multicast (RFC 6890, RFC 4193). */
const INNER = innerAddresses();

function innerAddresses(): BlockList {
  const list = new BlockList();
  const v4 = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'];
  const reserved = ['192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'];
  for (const subnet of [...v4, ...reserved, '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4']) add(list, subnet, 'ipv4');
  // 64:ff9b::/96 and 2002::/16 carry IPv4 addresses inside, which may be inner ones.
  const v6 = ['::/128', '::1/128', '64:ff9b::/96', '100::/64', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10'];
  for (const subnet of [...v6, 'ff00::/8']) add(list, subnet, 'ipv6');
  return list;
}

function add(list: BlockList, subnet: string, family: 'ipv4' | 'ipv6'): void {
  const [net, prefix] = subnet.split('/');
  list.addSubnet(net, Number(prefix), family);
}

/** For an IP address in text; false for everything else. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !INNER.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * A lookup that answers only with public addresses. It is the connection's own lookup, so a name cannot mean one
 * address when it is checked and another when it is used.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 4);
    const inner = addresses.find(({ address }) => !isPublicAddress(address));
    if (inner !== undefined) return callback(addressRefused(hostname, `it stands for ${inner.address}`), '', 4);
    if (options.all === true) return callback(null, addresses);
    const [{ address, family }] = addresses;
    callback(null, address, family);
  });
};

/** Throws for an address that is written out and not public; names are judged when they are looked up. */
export function checkLiteralAddress(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw addressRefused(url.href, `${host} is not a public address`);
}
