import { DiagnosticsError, GraftError } from '@graft/foundation';
import { withOtherPort } from '../isp/errors';
import { flashOverIsp, type IspResult } from '../isp/flash-over-isp';
import { findStub, type Stub } from '../isp/stub';
import type { FlashImage } from '../isp/write-flash';
import { checkUnits } from '../regions';
import type { PlanFile } from '../render-plan';
import { portFor, siblingsOf } from '../serial/choose-port';
import type { SerialAccess } from '../serial/serial-access';
import { afterWriting } from './after-writing';
import { USUAL_BAUD, type DeliveryContext, type DeliveryWish, type FlashEngine } from './engine';
import { imagesOf, preparePackage, readPackage } from './package';

/** Writes the flash chip over the serial port, by the chip's own protocol. */
export const ispEngine: FlashEngine = {
  name: 'isp',
  summary: 'writes the flash chip over the serial port',
  uses: [
    ...(['port', 'baud', 'reset', 'resetHold', 'stub', 'stubProfile', 'stubSha256'] as const),
    ...(['firmware', 'ioMode', 'readBack', 'sendScript'] as const),
  ],
  prepare: preparePackage,
  deliver,
};

async function deliver(context: DeliveryContext, plan: PlanFile): Promise<readonly string[]> {
  const { wish, bench, serial, report, signal } = context;
  const { files } = await readPackage(context, plan);
  const stub = await stubFor(wish);
  report({ type: 'note', message: `flashing stub: ${stub.source}, taken for one like ${stub.profile.name}` });
  const images = imagesOf(files, wish);
  const problems = checkUnits(images.map(placeOf), stub.profile.unitBytes);
  if (problems.length > 0) throw new DiagnosticsError(problems);
  const path = await portFor(serial, wish.port, bench);
  const transport = await serial.open(path);
  try {
    const options = {
      device: plan.device,
      images,
      stub: stub.bytes,
      stubProfile: stub.profile,
      baud: wish.baud ?? bench?.baudRate ?? USUAL_BAUD,
      baudIsPinned: wish.baud !== undefined,
      reset: wish.reset ?? 'auto',
      ...(wish.resetHold === undefined ? {} : { resetHoldMs: wish.resetHold }),
    };
    const interruption = signal === undefined ? {} : { signal };
    const result = await flashOverIsp(options, { transport, clock: serial.clock, report, ...interruption }).catch(
      async (error: unknown) => {
        throw await withSibling(error, path, serial);
      },
    );
    return [...describe(result, path), ...(await afterWriting(context, plan, images, transport))];
  } finally {
    await transport.close();
  }
}

const stubFor = ({ stub, stubProfile, stubSha256 }: DeliveryWish): Promise<Stub> =>
  findStub({
    ...(stub === undefined ? {} : { path: stub }),
    ...(stubProfile === undefined ? {} : { profile: stubProfile }),
    ...(stubSha256 === undefined ? {} : { sha256: stubSha256 }),
  });

const placeOf = ({ name, address, bytes }: FlashImage) => ({ name, address, bytes: bytes.length });

/** Where no board answers on one of two ports of an adapter, it will on the other. */
async function withSibling(error: unknown, path: string, serial: SerialAccess): Promise<unknown> {
  if (!(error instanceof GraftError) || error.code !== 'E421') return error;
  const [other] = siblingsOf(path, await serial.list());
  return other === undefined ? error : withOtherPort(error, path, other.path);
}

function describe({ baud, bytes, resends, milliseconds, waitedMs }: IspResult, path: string): string[] {
  const seconds = (time: number): string => `${(time / 1000).toFixed(1)} s`;
  const again = resends === 0 ? '' : `, ${resends} of its blocks again`;
  const share = Math.round((100 * bytes * 10_000) / (baud * milliseconds));
  return [
    `${bytes} bytes written over ${path} and confirmed${again}`,
    `at ${baud} baud in ${seconds(milliseconds)} (${(bytes / milliseconds).toFixed(1)} kB/s, ${share} % of the line), of which the board was waited for ${seconds(waitedMs)}`,
  ];
}
