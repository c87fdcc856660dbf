import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFor } from './proxy';
import type { ProxyVariables } from './proxy';
import { checkLiteralAddress, checkNameBehindProxy, lookupPublic } from './public-address';

const KEEP = { keepAlive: true, timeout: 30_000 };

/** Connections that are used again within one task. Close them at its end. */
export class Connections {
  private readonly agents = new Map<string, HttpAgent>();

  constructor(private readonly environment: ProxyVariables = process.env) {}

  /**
   * The agent for an address. Where inner addresses are not allowed, it connects to public ones only.
   * @throws RefusedAddress
   */
  async agentFor(url: URL, innerAllowed: boolean): Promise<HttpAgent> {
    const proxy = proxyFor(url, this.environment);
    if (proxy !== null) {
      if (!innerAllowed) await checkNameBehindProxy(url);
      return this.agent(`${url.protocol} ${proxy.href}`, () => proxyAgent(url, proxy));
    }
    if (!innerAllowed) checkLiteralAddress(url);
    // A lookup is no part of what tells kept connections apart: guarded ones have an agent of their own.
    const lookup = innerAllowed ? {} : { lookup: lookupPublic };
    return this.agent(`${url.protocol} ${innerAllowed}`, () =>
      url.protocol === 'https:' ? new HttpsAgent({ ...KEEP, ...lookup }) : new HttpAgent({ ...KEEP, ...lookup }),
    );
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }

  private agent(key: string, make: () => HttpAgent): HttpAgent {
    const agent = this.agents.get(key) ?? make();
    this.agents.set(key, agent);
    return agent;
  }
}

function proxyAgent(url: URL, proxy: URL): HttpAgent {
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy, KEEP) : new HttpProxyAgent(proxy, KEEP);
}
