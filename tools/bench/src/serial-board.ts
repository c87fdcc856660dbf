import { createInterface } from 'node:readline';
import { sha256 } from '@graft/foundation';
import { FakeK210, PtyBoard } from '@graft/testkit';

/**
 * serial-board.ts STUB: a fake board at the end of a pseudo-terminal, in a process of its own, so that its work is not
 * taken for that of the flasher. Prints the name of its port; for each line of its input `<address> <bytes>` it prints
 * the digest of what its flash chip holds there, and goes back into ISP mode.
 * @param stub in base64
 */
async function main([, , stub]: readonly string[]): Promise<void> {
  const fake = await PtyBoard.start(new FakeK210({ wiring: 'A', stub: Buffer.from(stub, 'base64') }));
  fake.enterIsp();
  process.stdout.write(`${fake.path}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [address, bytes] = line.split(' ').map(Number);
    process.stdout.write(`${sha256(fake.board.chip.read(address, bytes))}\n`);
    fake.enterIsp();
  }
  await fake.stop();
}

main(process.argv).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
