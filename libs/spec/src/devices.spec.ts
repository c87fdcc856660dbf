import { printConfig } from './print-config';
import { EXPERIMENT, diagnosticsOf, loaded, MINIMAL, summaryOf } from './testing/load-files';

const DEVICES = `version: 1
devices:
  desk-bit:
    profile: maix-bit
    serial: "A9007K2x"
  old-dock:
    profile: maix-dock
    port: /dev/ttyUSB3
    baud_rate: 460800
    engine: kflash
`;
const withDevices = (own: string, project = DEVICES) => ({ [EXPERIMENT]: `${MINIMAL}${own}`, 'project.yaml': project });

test.each(['target: old-dock\n', 'target: { device: old-dock }\n'])(
  '"%s" is for the profile of that board, and for the board itself',
  (own) => {
    const { spec, board } = loaded(withDevices(own));
    expect(spec.target).toEqual({ device: 'maix-dock', firmware: 'full' });
    const { port, serial, baudRate, engine } = {
      port: '/dev/ttyUSB3',
      serial: null,
      baudRate: 460_800,
      engine: 'kflash',
    };
    expect(board).toEqual({ name: 'old-dock', profile: 'maix-dock', port, serial, baudRate, engine });
  },
);

test('what is not said of a board is found out by itself', () => {
  expect(loaded(withDevices('target: desk-bit\n')).board).toEqual({
    ...{ name: 'desk-bit', profile: 'maix-bit', port: null, serial: 'A9007K2x', baudRate: null, engine: 'auto' },
  });
  const auto = 'version: 1\ndevices: { own: { profile: maix-bit, port: auto, baud_rate: auto, engine: auto } }\n';
  expect(loaded(withDevices('target: own\n', auto)).board).toEqual({
    ...{ name: 'own', profile: 'maix-bit', port: null, serial: null, baudRate: null, engine: 'auto' },
  });
});

test('no fact of the bench is in the experiment: it is the same as for the profile', () => {
  const { spec } = loaded(withDevices('target: { device: desk-bit, firmware: minimum }\n'));
  const plain = loaded(withDevices('target: { device: maix-bit, firmware: minimum }\n'));
  expect(spec).toEqual(plain.spec);
  expect(plain.board).toBeNull();
});

test('the project may choose the board for all its experiments', () => {
  const project = `${DEVICES}defaults: { target: desk-bit }\n`;
  expect(loaded(withDevices('', project)).board?.name).toBe('desk-bit');
  expect(loaded(withDevices('target: maix-go\n', project)).board).toBeNull();
});

test('a target that is neither built in nor on the bench is told with the nearest of both (E110)', () => {
  const [complaint, ...others] = diagnosticsOf(withDevices('target: desk-bot\n'));
  expect(others).toEqual([]);
  expect(complaint).toMatchObject({ code: 'E110', note: 'did you mean "desk-bit"?', place: { line: 4, column: 9 } });
  expect(complaint.message).toMatch(/^target must be one of maix-bit, .*, old-dock$/);
  expect(complaint.hint).toContain('project.yaml');
});

test.each([
  ['an unknown profile', 'desk-bit: { profile: maix-bot }', 'E110 project.yaml:3:24'],
  ['no profile', 'desk-bit: { port: COM5 }', 'E101 project.yaml:3:3'],
  ['an unknown key', 'desk-bit: { profile: maix-bit, prot: COM5 }', 'E102 project.yaml:3:34'],
  [
    'a serial number that is read as a number',
    'desk-bit: { profile: maix-bit, serial: 0012 }',
    'E103 project.yaml:3:42',
  ],
  ['a rate that no adapter has', 'desk-bit: { profile: maix-bit, baud_rate: 12 }', 'E105 project.yaml:3:45'],
  ['an unknown engine', 'desk-bit: { profile: maix-bit, engine: isp }', 'E110 project.yaml:3:42'],
])('a board with %s is told once, in project.yaml', (_, entry, complaint) => {
  expect(summaryOf(withDevices('target: desk-bit\n', `version: 1\ndevices:\n  ${entry}\n`))).toEqual([complaint]);
});

test('a board with the name of a built-in one would hide it from the experiments of others (E437)', () => {
  const project = 'version: 1\ndevices:\n  maix-bit: { profile: maix-dock }\n';
  expect(summaryOf(withDevices('', project))).toEqual(['E437 project.yaml:3:3']);
});

test('show-config prints the board below the experiment, as a comment with its places', () => {
  const lines = printConfig(loaded(withDevices('target: desk-bit\n')))
    .trimEnd()
    .split('\n');
  expect(lines.slice(-3).map((line) => line.replace(/ +/g, ' '))).toEqual([
    '# the board of devices:',
    '# profile: maix-bit # project.yaml:4',
    '# serial: A9007K2x # project.yaml:5',
  ]);
  expect(lines.join('\n')).toMatch(/device: desk-bit +# apps\/pokedex\/experiment\.yaml:4/);
});
