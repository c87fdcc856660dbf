const SECTOR_BYTES = 4096;
const CHIP_BYTES = 16 * 1024 * 1024;

/** A NOR flash chip: erasing sets a sector to 0xFF, programming can only clear bits. Sectors exist once they are written. */
export class FlashChip {
  private readonly sectors = new Map<number, Uint8Array>();
  /** How often each sector was erased, by its number. */
  readonly erases = new Map<number, number>();

  /** @returns false where the range leaves the chip */
  erase(address: number, bytes: number): boolean {
    if (!this.holds(address, bytes)) return false;
    for (let sector = Math.floor(address / SECTOR_BYTES); sector * SECTOR_BYTES < address + bytes; sector++) {
      this.sector(sector).fill(0xff);
      this.erases.set(sector, (this.erases.get(sector) ?? 0) + 1);
    }
    return true;
  }

  eraseAll(): void {
    for (const sector of this.sectors.values()) sector.fill(0xff);
  }

  program(address: number, data: Uint8Array): boolean {
    if (!this.holds(address, data.length)) return false;
    for (const { sector, from, to, at } of pieces(address, data.length)) {
      const cells = this.sector(sector);
      for (let index = from; index < to; index++) cells[index] &= data[at + index - from];
    }
    return true;
  }

  read(address: number, bytes: number): Uint8Array {
    const found = new Uint8Array(bytes).fill(0xff);
    for (const { sector, from, to, at } of pieces(address, bytes)) {
      const cells = this.sectors.get(sector);
      if (cells !== undefined) found.set(cells.subarray(from, to), at);
    }
    return found;
  }

  private holds(address: number, bytes: number): boolean {
    return address + bytes <= CHIP_BYTES;
  }

  private sector(number: number): Uint8Array {
    const known = this.sectors.get(number);
    if (known !== undefined) return known;
    const fresh = new Uint8Array(SECTOR_BYTES).fill(0xff);
    this.sectors.set(number, fresh);
    return fresh;
  }
}

/** The parts of a range that lie in one sector each; `at` counts from the start of the range. */
function* pieces(address: number, bytes: number) {
  for (let at = 0; at < bytes;) {
    const sector = Math.floor((address + at) / SECTOR_BYTES);
    const from = (address + at) % SECTOR_BYTES;
    const to = Math.min(SECTOR_BYTES, from + bytes - at);
    yield { sector, from, to, at };
    at += to - from;
  }
}
