const MEBIBYTE = 1024 * 1024;
const KIBIBYTE = 1024;

/** Two decimals: 1.87 MiB. */
export function formatMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(2)} MiB`;
}

/** MiB from half a MiB on, else KiB or bytes. */
export function formatBytes(bytes: number): string {
  if (bytes >= MEBIBYTE / 2) return formatMebibytes(bytes);
  return bytes >= KIBIBYTE ? `${(bytes / KIBIBYTE).toFixed(1)} KiB` : `${bytes} B`;
}
