import type { Diagnostic } from '@graft/foundation';
import type { DeviceProfile } from '@graft/k210';
import type { FlashSection, PreprocessSection } from '@graft/spec';
import type { SelfTestKit } from './self-test/kit';

/** What a flash needs to know. Nothing here is optional; nothing is looked up elsewhere. */
export interface FlashOptions {
  /** The experiment; file names on the board are made from it. */
  readonly name: string;
  /** Shown on the screen; the order is the output index. */
  readonly classes: readonly string[];
  readonly imageSize: PreprocessSection['imageSize'];
  readonly resize: PreprocessSection['resize'];
  /** Folded into the model's first layer: the board feeds bytes as they come from the camera. */
  readonly normalize: PreprocessSection['normalize'];
  readonly kmodel: Uint8Array;
  /** JSON that says where the kmodel comes from; goes along with it as it is. Plain ASCII. */
  readonly provenance: string;
  readonly flash: Omit<FlashSection, 'selfTest' | 'threshold'> & { readonly threshold: number };
  readonly device: DeviceProfile;
  /** Name in the device's firmware table. */
  readonly firmware: string;
  readonly selfTest: SelfTestKit;
}

/** A file that goes to the board, complete. */
export interface BoardFile {
  /** Lower-case ASCII, below 64 characters, except SHA256SUMS. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** A stretch of the flash chip. Addresses and lengths in bytes. */
export interface FlashRegion {
  readonly name: string;
  /** A boot image starts the chip and may lie at address 0; everything else is data. */
  readonly kind: 'boot-image' | 'model' | 'data';
  readonly address: number;
  readonly bytes: number;
}

/** RAM of the board while the model runs. Bytes. */
export interface MemoryBudget {
  readonly kmodelBytes: number;
  readonly mainMemoryBytes: number;
  /** Camera and screen. */
  readonly reservedBytes: number;
  /** Left by the firmware, after its interpreter's heap. */
  readonly freeBytes: number;
  readonly fits: boolean;
}

/** All that a flash will do, decided before anything is touched. */
export interface FlashPlan {
  readonly engine: FlashSection['engine'];
  readonly device: string;
  readonly firmware: string;
  readonly kmodelVersion: number;
  /** What the script gives to the loader: a path on the card, or an address in flash. */
  readonly model: string | number;
  /** Files of the card, sorted by name; SHA256SUMS is the last. */
  readonly card: readonly BoardFile[];
  /** Written to the flash chip; empty where the model is read from the card. */
  readonly regions: readonly FlashRegion[];
  readonly memory: MemoryBudget;
  readonly warnings: readonly Diagnostic[];
}
