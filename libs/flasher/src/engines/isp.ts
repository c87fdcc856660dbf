import { buildBootImage, type IoMode } from '../isp/boot-image';
import { flashOverIsp, type IspResult } from '../isp/flash-over-isp';
import { findStub } from '../isp/stub';
import type { FileToPack } from '../kfpkg/write-kfpkg';
import type { PlanFile } from '../render-plan';
import { portFor } from '../serial/choose-port';
import { USUAL_BAUD, type DeliveryContext, type FlashEngine } from './engine';
import { preparePackage, readPackage, scriptHint } from './package';

/** Writes the flash chip over the serial port, by the chip's own protocol. */
export const ispEngine: FlashEngine = {
  name: 'isp',
  summary: 'writes the flash chip over the serial port',
  uses: ['port', 'baud', 'reset', 'stub', 'firmware', 'ioMode'],
  prepare: preparePackage,
  deliver,
};

async function deliver(context: DeliveryContext, plan: PlanFile): Promise<readonly string[]> {
  const { wish, serial, report, signal } = context;
  const { files } = await readPackage(context, plan);
  const stub = await findStub(wish.stub === undefined ? {} : { path: wish.stub });
  report({ type: 'note', message: `flashing stub: ${stub.source}` });
  const path = await portFor(serial, wish.port);
  const transport = await serial.open(path);
  try {
    const options = {
      device: plan.device,
      images: files.map((file) => imageOf(file, wish.ioMode ?? 'dio')),
      stub: stub.bytes,
      stubAnswersStatus: stub.isKnown,
      baud: wish.baud ?? USUAL_BAUD,
      baudIsPinned: wish.baud !== undefined,
      reset: wish.reset ?? 'auto',
    };
    const interruption = signal === undefined ? {} : { signal };
    const result = await flashOverIsp(options, { transport, clock: serial.clock, report, ...interruption });
    return [...describe(result, path), scriptHint(context)];
  } finally {
    await transport.close();
  }
}

const imageOf = ({ name, address, bytes, isBootImage }: FileToPack, ioMode: IoMode) => ({
  name,
  address,
  bytes: isBootImage ? buildBootImage(bytes, ioMode) : bytes,
});

function describe({ baud, bytes, resends, milliseconds, waitedMs }: IspResult, path: string): string[] {
  const seconds = (time: number): string => `${(time / 1000).toFixed(1)} s`;
  const again = resends === 0 ? '' : `, ${resends} of its blocks again`;
  return [
    `${bytes} bytes written over ${path} and confirmed${again}`,
    `at ${baud} baud in ${seconds(milliseconds)} (${(bytes / milliseconds).toFixed(1)} kB/s), of which the board was waited for ${seconds(waitedMs)}`,
  ];
}
