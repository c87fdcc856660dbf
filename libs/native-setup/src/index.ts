export { compilers } from './compile-addon';
export { platformName } from './platform';
export { setupNative } from './setup-native';
export type { SetupOptions, SetupResult } from './setup-native';
