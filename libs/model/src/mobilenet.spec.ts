import { frozenLayers } from './frozen-layers';
import { headDenses, kerasLayers, MOBILENET_OUTPUTS, mobilenetV1 } from './mobilenet';

const whole = { alpha: 1, output: 'conv_pw_13_relu' };

describe('the layers as today’s Keras counts them', () => {
  test('the first twenty end at conv_dw_3_relu', () => {
    expect(kerasLayers(whole).slice(0, 20).at(-1)).toBe('conv_dw_3_relu');
  });

  test('there are 86 up to the last activation', () => {
    expect(kerasLayers(whole)).toHaveLength(86);
    expect(kerasLayers(whole).at(-1)).toBe('conv_pw_13_relu');
  });

  test('each halving depthwise layer has a padding layer before it', () => {
    const pads = kerasLayers(whole).filter((name) => name.startsWith('conv_pad'));
    expect(pads).toEqual(['conv_pad_2', 'conv_pad_4', 'conv_pad_6', 'conv_pad_12']);
  });
});

describe('freezing', () => {
  test('takes the first layers, the input layer among them', () => {
    expect(frozenLayers({ type: 'first', layers: 4 }, whole)).toEqual(['input', 'conv1', 'conv1_bn', 'conv1_relu']);
  });

  test('takes the whole backbone up to the cut, or nothing', () => {
    expect(frozenLayers({ type: 'backbone' }, { alpha: 1, output: 'conv1_relu' })).toHaveLength(4);
    expect(frozenLayers({ type: 'none' }, whole)).toEqual([]);
  });

  test('more layers than the backbone has are refused', () => {
    const freeze = () => frozenLayers({ type: 'first', layers: 11 }, { alpha: 1, output: 'conv_pw_1_relu' });
    expect(freeze).toThrow(expect.objectContaining({ code: 'E603' }));
  });
});

describe('the backbone', () => {
  test('has as many channels as Keras gives it for each alpha', () => {
    const channels = (alpha: number) => mobilenetV1({ ...whole, alpha }).map((layer) => layer.outputChannels);
    expect(channels(0.25).slice(0, 3)).toEqual([8, 8, 16]);
    expect(channels(0.75).at(-1)).toBe(768);
    // ⌊32 · 0.7⌋ = 22, as Keras rounds.
    expect(channels(0.7)[0]).toBe(22);
  });

  test.each(MOBILENET_OUTPUTS.map((output, block) => [output, block]))('ends at %s after block %i', (output, block) => {
    const layers = mobilenetV1({ alpha: 0.5, output });
    expect(layers).toHaveLength(1 + 2 * block);
    expect(`${layers[layers.length - 1].name}_relu`).toBe(output);
  });

  test('an output that does not exist is refused', () => {
    const build = () => mobilenetV1({ alpha: 1, output: 'conv_pw_14_relu' });
    expect(build).toThrow(expect.objectContaining({ code: 'E601' }));
  });
});

test('the head is a chain of dense layers that ends at the classes', () => {
  const head = [
    { type: 'dense', units: 100, activation: 'relu' },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 50, activation: 'relu' },
  ] as const;
  const denses = headDenses({ alpha: 0.5, output: 'conv_pw_7_relu', pooling: 'avg', head, classes: 3 });
  expect(denses.map(({ name, inputs, units }) => [name, inputs, units])).toEqual([
    ['dense_1', 256, 100],
    ['dense_2', 100, 50],
    ['predictions', 50, 3],
  ]);
});
