export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address: HTTPS_PROXY, HTTP_PROXY, and NO_PROXY, a list of hosts or
 * domains with or without a port, or `*`; in small letters, too, which count first. The machine itself is never asked for through a proxy.
 */
export function proxyFor(url: URL, environment: ProxyVariables): URL | null {
  const value = variable(environment, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (value === '' || isLoopback(url.hostname) || isExcepted(url, variable(environment, 'no_proxy'))) return null;
  const address = value.includes('://') ? value : `http://${value}`;
  return URL.canParse(address) ? new URL(address) : null;
}

function variable(environment: ProxyVariables, name: string): string {
  return (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function isExcepted(url: URL, exceptions: string): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (onlyPort !== undefined && onlyPort !== port) return false;
      const domain = host.replace(/^\*?\./, '');
      return host === '*' || url.hostname === domain || url.hostname.endsWith(`.${domain}`);
    });
}
