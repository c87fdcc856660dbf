import type { GraftError } from '@graft/foundation';
import type { BoardLine } from './board-lines';
import { selfTestFailed } from './errors';
import type { JudgedPicture } from './judge';
import type { Checksum, KitIndex } from './kit';

/** Below it the board computes the same network, but rounds in another way. */
const ROUNDING = 0.05;

/** What a self-test that did not pass means. Null where it passed. */
export function diagnose(
  kit: KitIndex,
  lines: readonly BoardLine[],
  pictures: readonly JudgedPicture[],
): GraftError | null {
  const model = lines.find((line) => line.kind === 'model');
  if (model?.kind === 'model' && !isSame(model.checksum, kit.model)) return modelDamaged(model.checksum, kit.model);
  const stopped = lines.find((line) => line.kind === 'stopped');
  if (stopped?.kind === 'stopped') return selfTestFailed('the board could not run the self-test', stopped.text);
  const failed = pictures.filter(({ passed }) => !passed);
  if (failed.length === 0) return null;
  const message = `${failed.length} of ${pictures.length} pictures failed, though the board holds the model byte for byte`;
  return selfTestFailed(message, meaningOf(failed));
}

const isSame = (one: Checksum, other: Checksum): boolean => one.bytes === other.bytes && one.crc32 === other.crc32;

function modelDamaged(found: Checksum, wanted: Checksum): GraftError {
  const text = ({ bytes, crc32 }: Checksum): string => `${bytes} bytes, CRC-32 ${crc32.toString(16).padStart(8, '0')}`;
  return selfTestFailed(
    'the model on the board is not the one that was exported, so its pictures were not run',
    'another model was written there since, or its bytes are damaged: flash again; if that does not last, the card or the flash chip fails',
    [`exported      ${text(wanted)}`, `on the board  ${text(found)}`],
  );
}

function meaningOf(failed: readonly JudgedPicture[]): string {
  if (failed.some(({ got }) => got === null)) {
    return 'the board ended before it was through: press RESET and run this again; if it stays, write firmware and card anew';
  }
  const isRounding = failed.every(({ expected, got, delta }) => expected.index === got?.index && delta <= ROUNDING);
  return isRounding
    ? 'every answer is right and little differs: this build of the firmware converts pictures or adds up in another way. It will do; a build of the table (MaixPy v0.6.2) should be exact'
    : 'the firmware or the chip computes something else: take a build of the table (MaixPy v0.6.2), the standard clock of the KPU, and a cable that gives enough power';
}
