import { FLASH } from '@graft/k210';
import { LARGE_BLOCK } from './block-plan';

/** Families of stubs whose behaviour is known; they differ in where they run and in what a write command may hold. */
export const STUB_NAMES = ['kflash-1.1', 'sipeed-1.0', 'kendryte-0.9', 'ktool'] as const;
export type StubName = (typeof STUB_NAMES)[number];

export interface StubProfile {
  readonly name: StubName;
  /** Where the boot ROM puts it and starts it. */
  readonly address: number;
  /** Bytes of its smallest write; files end in a whole one, and none shares one with another. */
  readonly unitBytes: number;
  /** Whether it knows the status command; another one may take that number for something else. */
  readonly answersStatus: boolean;
}

const SRAM = 0x8000_0000;

export const STUB_PROFILES: Readonly<Record<StubName, StubProfile>> = {
  'kflash-1.1': { name: 'kflash-1.1', address: SRAM, unitBytes: FLASH.sectorBytes, answersStatus: true },
  'sipeed-1.0': { name: 'sipeed-1.0', address: SRAM, unitBytes: FLASH.sectorBytes, answersStatus: false },
  'kendryte-0.9': { name: 'kendryte-0.9', address: SRAM, unitBytes: LARGE_BLOCK, answersStatus: false },
  // It runs at the end of the memory, and takes the number of the status command for "execute".
  ktool: { name: 'ktool', address: 0x805e_0000, unitBytes: FLASH.sectorBytes, answersStatus: false },
};
