import { ReplBoard, type MaixPyBoard } from '@graft/testkit';
import type { Clock, Transport } from '../isp/transport';
import type { SerialAccess } from '../serial/serial-access';
import { Machine } from './tiny-plan.fixture';

/** How far the chip reaches that the firmware sees: firmware and models of the tests. */
const CHIP_BYTES = 0x310000;

/**
 * A board that is flashed, and then runs MaixPy on what its chip holds: once it has restarted, its line leads to a real
 * interpreter. That one lives in real time, the loader in virtual time.
 */
export class FlashedBoard implements SerialAccess {
  readonly machine = new Machine();
  /** Rates of the host, in turn. */
  readonly rates: number[] = [];
  readonly list = this.machine.list;
  readonly clock: Clock;
  maixpy: ReplBoard | undefined;

  /**
   * @param firmware what runs after the restart; null: nothing that answers
   * @param wear what becomes of the chip's content after it was confirmed
   */
  constructor(
    private readonly firmware: Partial<MaixPyBoard> | null,
    private readonly wear: (chip: Uint8Array) => void = () => undefined,
  ) {
    const startedAt = performance.now();
    this.clock = {
      now: () => this.machine.clock.now() + performance.now() - startedAt,
      sleep: (milliseconds) => this.machine.clock.sleep(milliseconds),
    };
  }

  open = async (path: string): Promise<Transport> => {
    const port = await this.machine.open(path);
    port.isOpen = true;
    return {
      write: async (bytes) => (await this.end()).write(bytes),
      drain: async () => (await this.end()).drain(),
      read: async (timeoutMs) => (await this.end()).read(timeoutMs),
      dropInput: async () => (await this.end()).dropInput(),
      setLines: (lines) => port.setLines(lines),
      setBaud: async (rate) => {
        this.rates.push(rate);
        await port.setBaud(rate);
      },
      close: () => port.close(),
    };
  };

  async stop(): Promise<void> {
    await this.maixpy?.stop();
  }

  /** What is at the other end of the line now. */
  private async end(): Promise<Omit<Transport, 'setLines' | 'setBaud' | 'close'>> {
    const { port, board } = this.machine;
    if (this.maixpy !== undefined) return this.maixpy;
    if (board.state === 'booting') await port.dropInput();
    if (board.state !== 'running') return port;
    const bytes = Uint8Array.from(board.chip.read(0, CHIP_BYTES));
    this.wear(bytes);
    const maixpy = { ...this.firmware, chip: { address: 0, bytes } };
    return (this.maixpy = await ReplBoard.start({ silent: this.firmware === null, maixpy }));
  }
}
