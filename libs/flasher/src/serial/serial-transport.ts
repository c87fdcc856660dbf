import type { SerialPort, SerialPortMock } from 'serialport';
import type { Lines, Transport } from '../isp/transport';
import { portNotOpened } from './errors';

const FIRST_BAUD = 115_200;

/**
 * Opens a serial port: 8 data bits, no parity, 1 stop bit, 115200 baud.
 * @param path as the system names it: /dev/ttyUSB0, COM5
 * @throws GraftError E431 with the cause and what helps
 */
export async function openSerial(path: string): Promise<Transport> {
  // Its native part is loaded where a port is opened, not wherever this library is.
  const { SerialPort: Port } = await import('serialport');
  const port = new Port({ path, baudRate: FIRST_BAUD, autoOpen: false });
  await called((done) => port.open(done)).catch((error: unknown) => {
    throw portNotOpened(path, error);
  });
  return new SerialTransport(port);
}

/** A port that is open, as a transport. */
export class SerialTransport implements Transport {
  private readonly arrived: Uint8Array[] = [];
  private failure: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly port: SerialPort | SerialPortMock) {
    port.on('data', (bytes: Uint8Array) => {
      this.arrived.push(bytes);
      this.wake();
    });
    port.on('error', (error: Error) => this.fail(error));
    port.on('close', (error: Error | null) => this.fail(error ?? new Error('the port was closed')));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.check();
    await called((done) => void this.port.write(bytes, done));
  }

  async drain(): Promise<void> {
    this.check();
    await called((done) => this.port.drain(done));
  }

  async read(timeoutMs: number): Promise<Uint8Array> {
    this.check();
    if (this.arrived.length === 0) await this.waitForBytes(timeoutMs);
    this.check();
    return Buffer.concat(this.arrived.splice(0));
  }

  async dropInput(): Promise<void> {
    // What the system holds already comes as an event first; flushing there would drop what is being sent as well.
    await new Promise((resolve) => setImmediate(resolve));
    this.arrived.length = 0;
  }

  async setLines({ dtr, rts }: Lines): Promise<void> {
    this.check();
    // Both named: the driver takes a missing one for "on".
    await called((done) => this.port.set({ dtr, rts }, done));
  }

  async setBaud(rate: number): Promise<void> {
    this.check();
    await called((done) => this.port.update({ baudRate: rate }, done));
  }

  async close(): Promise<void> {
    if (!this.port.isOpen) return;
    await called((done) => this.port.close(done)).catch(() => undefined);
  }

  private waitForBytes(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.wake = finish;
    });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

/** Makes a promise of a function that takes a callback. */
function called(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
