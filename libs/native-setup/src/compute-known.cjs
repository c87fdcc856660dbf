// Computes with a freshly built addon what is known, in a process of its own. Takes the addon's path; prints one line
// "wrong: …" for each operation that errs and ends with 1, or "TensorFlow <version> computes right".
const addon = require(process.argv[2]);

const [FLOAT, INT32] = [addon.TF_FLOAT, addon.TF_INT32];
const text = (name, value) => ({ name, type: addon.TF_ATTR_STRING, value });
const integers = (name, value) => ({ name, type: addon.TF_ATTR_INT, value });
const float = (name, value) => ({ name, type: addon.TF_ATTR_FLOAT, value });
const flag = (name, value) => ({ name, type: addon.TF_ATTR_BOOL, value });
const type = (name) => ({ name, type: addon.TF_ATTR_TYPE, value: FLOAT });
const T = type('T');

const [N, H, C, K] = [2, 6, 16, 8];
const numbers = (length, seed) =>
  Float32Array.from({ length }, (_, at) => Math.sin(1.7 * at + seed) + 0.3 * Math.cos(0.31 * at * seed));
const tensor = (shape, values) => addon.createTensor(shape, FLOAT, values.slice());
const sizes = (...values) => addon.createTensor([values.length], INT32, Int32Array.from(values));
const run = (operation, attributes, inputs, outputs = 1) =>
  addon.executeOp(operation, attributes, inputs, outputs).map(({ id }) => id);
const read = (id) => addon.tensorDataSync(id);

let wrong = 0;
/** Errors count in parts of the largest number. */
function compare(what, actual, expected, tolerance = 1e-5) {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - actual[at])), 0) / scale;
  if (actual.length === expected.length && worst <= tolerance) return;
  wrong++;
  console.log(`wrong: ${what} errs by ${worst}`);
}

/** Visits every product of a 3×3 convolution with a border of one pixel. */
function eachProduct(stride, perChannel, visit) {
  const rows = H / stride;
  for (let n = 0; n < N; n++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < rows; x++)
        for (let tap = 0; tap < 9; tap++) {
          const [row, column] = [y * stride + Math.floor(tap / 3) - 1, x * stride + (tap % 3) - 1];
          if (row < 0 || column < 0 || row >= H || column >= H) continue;
          for (let i = 0; i < C; i++)
            for (let o = perChannel ? i : 0; o < (perChannel ? i + 1 : K); o++) {
              const answer = ((n * rows + y) * rows + x) * (perChannel ? C : K) + o;
              const weight = perChannel ? tap * C + i : (tap * C + i) * K + o;
              visit(answer, weight, ((n * H + row) * H + column) * C + i);
            }
        }
}

function convolutions(stride, perChannel) {
  const outputs = perChannel ? C : K;
  const [shape, kernel, answer] = [
    [N, H, H, C],
    [3, 3, C, perChannel ? 1 : K],
    [N, H / stride, H / stride, outputs],
  ];
  const size = (dimensions) => dimensions.reduce((a, b) => a * b);
  const [x, w, dy] = [numbers(size(shape), 1), numbers(size(kernel), 2), numbers(size(answer), 3)];
  const expected = [new Float64Array(dy.length), new Float64Array(x.length), new Float64Array(w.length)];
  eachProduct(stride, perChannel, (o, k, i) => {
    expected[0][o] += w[k] * x[i];
    expected[1][i] += dy[o] * w[k];
    expected[2][k] += dy[o] * x[i];
  });
  const attributes = [T, integers('strides', [1, stride, stride, 1]), text('data_format', 'NHWC')];
  attributes.push(text('padding', 'EXPLICIT'), integers('explicit_paddings', [0, 0, 1, 1, 1, 1, 0, 0]));
  const name = perChannel ? 'DepthwiseConv2dNative' : 'Conv2D';
  const [tx, tw, tdy] = [tensor(shape, x), tensor(kernel, w), tensor(answer, dy)];
  const title = `${name} with stride ${stride}`;
  compare(title, read(run(name, attributes, [tx, tw])[0]), expected[0]);
  const byInput = run(`${name}BackpropInput`, attributes, [sizes(...shape), tw, tdy]);
  compare(`${title}, by input`, read(byInput[0]), expected[1]);
  const byKernel = run(`${name}BackpropFilter`, attributes, [tx, sizes(...kernel), tdy]);
  compare(`${title}, by kernel`, read(byKernel[0]), expected[2]);
}

function batchNorm() {
  const count = N * H * H;
  const [x, dy, gamma, beta] = [numbers(count * C, 4), numbers(count * C, 5), numbers(C, 6), numbers(C, 7)];
  const sums = (values) => {
    const totals = new Float64Array(C);
    values.forEach((value, at) => (totals[at % C] += value));
    return totals;
  };
  const mean = sums(x).map((value) => value / count);
  const variance = sums(Float64Array.from(x, (value, at) => (value - mean[at % C]) ** 2)).map((value) => value / count);
  const inverse = variance.map((value) => 1 / Math.sqrt(value + 1e-3));
  const normal = Float64Array.from(x, (value, at) => (value - mean[at % C]) * inverse[at % C]);
  const byGamma = sums(normal.map((value, at) => value * dy[at]));
  const byBeta = sums(dy);
  const byInput = normal.map(
    (value, at) =>
      gamma[at % C] * inverse[at % C] * (dy[at] - byBeta[at % C] / count - (value * byGamma[at % C]) / count),
  );
  const attributes = [T, type('U'), float('epsilon', 1e-3), text('data_format', 'NHWC'), flag('is_training', true)];
  const none = tensor([0], new Float32Array(0));
  const [tx, tg, tb] = [tensor([N, H, H, C], x), tensor([C], gamma), tensor([C], beta)];
  const outputs = run('FusedBatchNormV3', attributes, [tx, tg, tb, none, none], 6);
  compare(
    'FusedBatchNormV3',
    read(outputs[0]),
    normal.map((value, at) => value * gamma[at % C] + beta[at % C]),
  );
  const back = run('FusedBatchNormGradV3', attributes, [tensor([N, H, H, C], dy), tx, tg, ...outputs.slice(3)], 5);
  compare('FusedBatchNormGradV3', read(back[0]), byInput);
  compare('FusedBatchNormGradV3, by gamma', read(back[1]), byGamma);
}

function adam() {
  const shape = [3, 5];
  const [start, gradient] = [numbers(15, 8), numbers(15, 9)];
  const variable = (values) => {
    const settings = [text('container', ''), text('shared_name', 'cd2c89b7-88b7-44c8-ad83-06c2a9158347')];
    const place = { name: 'shape', type: addon.TF_ATTR_SHAPE, value: shape };
    const [id] = run('VarHandleOp', [...settings, type('dtype'), place], []);
    run('AssignVariableOp', [type('dtype')], [id, tensor(shape, values)], 0);
    return id;
  };
  const variables = [variable(start), variable(new Float32Array(15)), variable(new Float32Array(15))];
  const scalars = [0.9, 0.999, 0.01, 0.9, 0.999, 1e-7].map((value) => tensor([], Float32Array.of(value)));
  const settings = [T, flag('use_locking', false), flag('use_nesterov', false)];
  run('ResourceApplyAdam', settings, [...variables, ...scalars, tensor(shape, gradient)], 0);
  // After one step both means are the gradient and its square, and each number moves by the rate.
  const expected = start.map((value, at) => value - (0.01 * gradient[at]) / (Math.abs(gradient[at]) + 3e-6));
  compare('ResourceApplyAdam', read(run('ReadVariableOp', [type('dtype')], [variables[0]])[0]), expected);
}

for (const stride of [1, 2]) for (const perChannel of [false, true]) convolutions(stride, perChannel);
batchNorm();
adam();
if (wrong === 0) console.log(`TensorFlow ${addon.TF_Version} computes right`);
process.exitCode = wrong === 0 ? 0 : 1;
