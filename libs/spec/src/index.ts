export type * from './experiment';
