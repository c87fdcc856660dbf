import type { DeviceProfile, FirmwareProfile } from '@graft/k210';

/** The builds of a device's firmware that load a version of kmodel; none for a version after 4. */
export function loadersOf(
  { firmware }: Pick<DeviceProfile, 'firmware'>,
  kmodelVersion: number,
): readonly (FirmwareProfile & { readonly key: string })[] {
  return Object.entries(firmware)
    .filter(([, { kmodelVersions }]) => kmodelVersions.includes(kmodelVersion))
    .map(([key, profile]) => ({ key, ...profile }));
}
