// Asks Tint, the WGSL compiler of Dawn, whether it accepts programs. Reads the programs on standard input, one a line as
// JSON {"name", "source", "overrides"}; writes a line of JSON for each: {"name", "accept", "stage", "line", "col", "message"}.
//
// GWRUN_DAWN names the folder whose node_modules has the package webgpu (npm install webgpu@0.6.2). Dawn's null backend is
// asked, so no GPU and no driver takes part.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const { create, globals } = await import(pathToFileURL(join(process.env.GWRUN_DAWN, 'node_modules', 'webgpu', 'index.js')));
Object.assign(globalThis, globals);
const gpu = create(['backend=null']);
const device = await (await gpu.requestAdapter()).requestDevice();

// The entry points of a text: good enough for programs that Tint has accepted.
function entries(source) {
  const text = source.replace(/\/\/.*|\/\*[^]*?\*\//g, ' ');
  return [...text.matchAll(/@\s*compute\b[^{};]*?\bfn\s+([\p{XID_Start}_]\p{XID_Continue}*)/gu)].map((m) => m[1]);
}

async function verdict(program) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: program.source });
  const info = await module.getCompilationInfo();
  await device.popErrorScope();
  const first = info.messages.find((m) => m.type === 'error');
  if (first) return { accept: false, stage: 'module', line: first.lineNum, col: first.linePos, message: first.message };
  for (const entryPoint of entries(program.source)) {
    device.pushErrorScope('validation');
    device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint, constants: program.overrides ?? {} } });
    const error = await device.popErrorScope();
    if (error) return { accept: false, stage: 'pipeline', line: 0, col: 0, message: error.message };
  }
  return { accept: true };
}

for await (const line of createInterface({ input: process.stdin })) {
  const program = JSON.parse(line);
  let answer;
  try {
    answer = await verdict(program);
  } catch (error) {
    answer = { accept: false, stage: 'pipeline', line: 0, col: 0, message: String(error.message) };
  }
  console.log(JSON.stringify({ name: program.name, ...answer }));
}
device.destroy();
process.exit(0);
