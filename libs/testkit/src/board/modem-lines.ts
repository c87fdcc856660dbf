import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FakeK210 } from './fake-k210';

/**
 * DTR and RTS of a fake board at a pseudo-terminal, which has none: a Python program that uses pyserial tells them through
 * a socket, once it runs in the surroundings that are given here.
 */
export class ModemLines {
  private constructor(
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  static async start(board: FakeK210): Promise<ModemLines> {
    const folder = mkdtempSync(join(tmpdir(), 'graft-lines-'));
    const server = createServer((socket) => {
      // The program may be killed while it is at it.
      socket.on('error', () => undefined);
      createInterface({ input: socket }).on('line', ([dtr, rts]) =>
        board.setLines({ dtr: dtr === '1', rts: rts === '1' }, performance.now()),
      );
    });
    server.listen(join(folder, 'lines'));
    await once(server, 'listening');
    return new ModemLines(folder, server);
  }

  /** Variables for the program, and the folder for its PYTHONPATH. */
  get surroundings(): { readonly GRAFT_MODEM_LINES: string; readonly PYTHONPATH: string } {
    const shim = join(__dirname, '../../fixtures/modem-lines');
    return { GRAFT_MODEM_LINES: join(this.folder, 'lines'), PYTHONPATH: shim };
  }

  stop(): void {
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
