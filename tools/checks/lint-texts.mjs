// Lints texts as if they lay at given paths: takes a list of { path, text } as JSON on standard input, prints the rules
// that each breaks. A program of its own, because the test runner cannot load the lint rules, which are an ES module.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const eslint = new ESLint({ cwd: process.argv[2] });
const broken = [];
for (const { path, text: code } of JSON.parse(await text(process.stdin))) {
  const [{ messages }] = await eslint.lintText(code, { filePath: path });
  broken.push(messages.map(({ ruleId, message }) => `${ruleId ?? 'fatal'}: ${message}`));
}
process.stdout.write(JSON.stringify(broken));
