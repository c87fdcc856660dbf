import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import { FakeK210, FakePort, VirtualClock, type FakeK210Options, type FakePortOptions } from '@graft/testkit';
import { flash } from '../flash';
import type { FlashOptions } from '../flash-plan';
import { NO_KIT } from '../self-test/kit';
import type { PortFacts } from '../serial/choose-port';
import type { SerialAccess } from '../serial/serial-access';

export const KMODEL = join(__dirname, '../../fixtures/tiny-own.kmodel');
export const STUB = Uint8Array.from({ length: 2000 }, (_, index) => index * 31 + 5);
export const CH340: PortFacts = { path: '/dev/ttyUSB0', vendorId: '1a86' };

/** Plans a small model for a board, and prepares what the engine delivers. */
export async function prepareTiny(
  planFolder: string,
  section: Partial<FlashOptions['flash']>,
  changes: Partial<FlashOptions> = {},
): Promise<void> {
  const options: FlashOptions = {
    name: 'tiny',
    classes: ['a', 'b', 'c'],
    imageSize: { height: 32, width: 32 },
    resize: 'crop',
    normalize: { scale: 1, offset: 0 },
    kmodel: await readFile(KMODEL),
    provenance: '{\n  "experiment": "tiny"\n}\n',
    flash: {
      engine: 'sd',
      modelFrom: 'sd',
      address: 0x300000,
      allowFilesystem: false,
      threshold: 0.5,
      screenRotation: 0,
      camera: { vflip: false, hmirror: false },
      gcHeapBytes: 0,
      ...section,
    },
    device: DEVICES['maix-bit'],
    firmware: 'full',
    selfTest: NO_KIT,
    ...changes,
  };
  await flash(options, { outputFolder: planFolder, report: silent });
}

/** A machine with a board at its serial port, in virtual time. */
export class Machine implements SerialAccess {
  readonly clock = new VirtualClock();
  readonly board: FakeK210;
  readonly opened: string[] = [];
  readonly port: FakePort;

  constructor(
    port: FakePortOptions = {},
    board: Partial<FakeK210Options> = {},
    private readonly ports: readonly PortFacts[] = [CH340],
  ) {
    this.board = new FakeK210({ wiring: 'A', stub: STUB, ...board });
    this.port = new FakePort(this.board, this.clock, port);
  }

  list = async () => this.ports;
  open = async (path: string) => {
    this.opened.push(path);
    return this.port;
  };
}
