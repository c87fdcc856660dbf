import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo, Server as AnyServer } from 'node:net';

/** Lets a server listen on a free port of the loopback, and gives the port. */
export async function listen(server: AnyServer): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

/** Until nothing of it is left, whatever its clients do. */
export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

/** To be called outside of tests: gives what starts a server and tells its address; each goes after its test. */
export function loopbackServers(): (answer: RequestListener) => Promise<string> {
  const servers: Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map(close)));
  return async (answer) => {
    const server = createServer(answer);
    servers.push(server);
    return `http://127.0.0.1:${await listen(server)}`;
  };
}
