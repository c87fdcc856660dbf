export * from './quantized-graph';
