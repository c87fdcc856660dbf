/** System and processor as recipes name them; C libraries other than glibc are told. */
export function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  return process.platform !== 'linux' || hasGlibc() ? name : `${name}-musl`;
}

function hasGlibc(): boolean {
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return false;
  const { header } = report;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}
