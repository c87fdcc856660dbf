export { DEVICES, FLASH } from './devices';
export type { DeviceProfile, FirmwareProfile } from './devices';
export { KPU, mapLines, rowLayout } from './kpu';
export type { RowLayout } from './kpu';
export { SPEED } from './speed';
