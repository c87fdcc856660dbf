import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/** An address that must not be connected to, with the reason as a predicate's sentence: "it is not https". */
export class RefusedAddress extends Error {
  constructor(
    readonly address: string,
    readonly reason: string,
  ) {
    super(`${address} is refused: ${reason}`);
  }
}

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
    if (inner !== undefined) return callback(standsFor(hostname, inner.address), '', 4);
    if (options.all === true) return callback(null, addresses);
    const [{ address, family }] = addresses;
    callback(null, address, family);
  });
};

const standsFor = (hostname: string, address: string): RefusedAddress =>
  new RefusedAddress(hostname, `it stands for ${address}, which is not a public address`);

/** @throws RefusedAddress for an address that is written out and not public; names are judged when they are looked up. */
export function checkLiteralAddress(url: URL): void {
  const host = bareHost(url);
  if (isIP(host) !== 0 && !isPublicAddress(host)) {
    throw new RefusedAddress(url.href, `${host} is not a public address`);
  }
}

/**
 * For a connection through a proxy, which looks the name up by itself: refused where this machine knows it as an inner
 * one. A machine behind a proxy often cannot look up names of the outside at all; then the proxy decides.
 * @throws RefusedAddress
 */
export async function checkNameBehindProxy(url: URL): Promise<void> {
  checkLiteralAddress(url);
  const addresses = await lookupAll(bareHost(url), { all: true }).catch(() => []);
  const inner = addresses.find(({ address }) => !isPublicAddress(address));
  if (inner !== undefined) throw standsFor(url.hostname, inner.address);
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
