import { once } from 'node:events';
import { silent } from '@graft/foundation';
import { FakeK210 } from '@graft/testkit';
import { SerialPortMock } from 'serialport';

import { flashOverIsp } from '../isp/flash-over-isp';
import { SerialTransport } from './serial-transport';
import { systemClock } from './system-clock';

const STUB = Uint8Array.from({ length: 2500 }, (_, index) => index * 31 + 5);
const PATH = '/dev/graft-mock';
const image = Uint8Array.from({ length: 70_000 }, (_, index) => (index * index) >> 7);

/** What the driver asks of the system below it; of the mock a part. */
interface Binding {
  emitData(bytes: Buffer): void;
  write(bytes: Buffer): Promise<void>;
  set(lines: { readonly dtr?: boolean; readonly rts?: boolean }): Promise<void>;
  update(options: { readonly baudRate: number }): Promise<void>;
}

let timer: NodeJS.Timeout | undefined;

afterEach(() => {
  clearTimeout(timer);
  SerialPortMock.binding.reset();
});

/** The driver's own double of the system below it, with a board behind. Unlike a pseudo-terminal it has reset lines. */
function wire(binding: Binding, board: FakeK210): { readonly rates: number[] } {
  const rates: number[] = [];
  const emit = (): void => {
    clearTimeout(timer);
    const bytes = board.collect(performance.now(), board.baud);
    if (bytes.length > 0) binding.emitData(Buffer.from(bytes));
    const next = board.nextAt();
    if (next !== Infinity) timer = setTimeout(emit, Math.max(0, next - performance.now()));
  };
  const write = binding.write.bind(binding);
  binding.write = async (bytes) => {
    await write(bytes);
    for (const byte of bytes) board.receive(byte, rates.at(-1) ?? 115_200, performance.now());
    emit();
  };
  binding.set = async ({ dtr, rts }) => board.setLines({ dtr: dtr === true, rts: rts === true }, performance.now());
  binding.update = async ({ baudRate }) => void rates.push(baudRate);
  return { rates };
}

test('through the real driver a board is reset by its lines, loaded at 115200 baud, and written at 2000000', async () => {
  SerialPortMock.binding.createPort(PATH, { echo: false });
  const port = new SerialPortMock({ path: PATH, baudRate: 115_200 });
  await once(port, 'open');
  const binding = port.port as Binding | undefined;
  if (binding === undefined) throw new Error('the mock has not opened');
  const board = new FakeK210({ wiring: 'B', stub: STUB });
  const { rates } = wire(binding, board);
  const transport = new SerialTransport(port);
  try {
    const options = {
      ...{ device: 'maix-bit-mic', images: [{ name: 'model.kmodel', address: 0x300000, bytes: image }], stub: STUB },
      ...{ baud: 2_000_000, baudIsPinned: true, reset: 'auto' as const },
    };
    const result = await flashOverIsp(options, { transport, clock: systemClock, report: silent });
    expect(result).toMatchObject({ baud: 2_000_000, resends: 0 });
  } finally {
    await transport.close();
  }
  expect(Buffer.compare(board.chip.read(0x300000, image.length), image)).toBe(0);
  expect(rates).toEqual([115_200, 2_000_000]);
  // Each step is one call that names both lines: the driver takes a missing one for "on".
  const lines = board.lineEvents.map(({ dtr, rts }) => `${Number(dtr)}${Number(rts)}`);
  expect(lines).toEqual(['00', '10', '01', '00', '10', '00']);
  expect(port.isOpen).toBe(false);
}, 20_000);
