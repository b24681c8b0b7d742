// Runs compute shaders on Dawn. Reads dispatches on standard input, one a line as JSON:
//   {"wgsl", "entry", "groups": [x, y, z], "bindings": [{"type": "storage" | "read-only-storage" | "uniform", "data": base64}]}
// (binding n is number n of group 0) and writes a line for each: {"data": [base64 of each storage binding, else null]} or
// {"error": text}. It ends with its input. {"hello": true} is answered with the adapter's description.
//
// GWRUN_DAWN names the folder whose node_modules has the package webgpu (npm install webgpu@0.6.2). Which adapter it is,
// the Vulkan loader's VK_ICD_FILENAMES decides.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const { create, globals } = await import(pathToFileURL(join(process.env.GWRUN_DAWN, 'node_modules', 'webgpu', 'index.js')));
Object.assign(globalThis, globals);
const gpu = create(['backend=vulkan']);
const adapter = await gpu.requestAdapter();
if (!adapter) {
  console.error('dawn: no Vulkan adapter');
  process.exit(3);
}
const wanted = ['maxStorageBuffersPerShaderStage', 'maxStorageBufferBindingSize', 'maxBufferSize', 'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupSizeZ', 'maxComputeWorkgroupStorageSize'];
const device = await adapter.requestDevice({ requiredLimits: Object.fromEntries(wanted.map((n) => [n, adapter.limits[n]])) });
device.lost.then((why) => {
  if (why.reason !== 'destroyed') {
    console.error(`dawn: the device was lost: ${why.message}`);
    process.exit(4);
  }
});

// checked runs f and turns what WebGPU reports about it into an exception.
async function checked(f) {
  device.pushErrorScope('internal');
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const value = await f();
  for (let i = 0; i < 3; i++) {
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
  }
  return value;
}

async function dispatch(request) {
  const layout = device.createBindGroupLayout({
    entries: request.bindings.map((b, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: b.type } })),
  });
  const pipeline = await checked(() => device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code: request.wgsl }), entryPoint: request.entry },
  }));
  const all = [];
  try {
    const data = await checked(async () => {
      const bound = request.bindings.map((b) => {
        const bytes = Buffer.from(b.data, 'base64');
        const usage = b.type === 'uniform' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
        const buffer = device.createBuffer({ size: bytes.length, usage: usage | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
        device.queue.writeBuffer(buffer, 0, bytes, 0, bytes.length);
        all.push(buffer);
        return buffer;
      });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout, entries: bound.map((buffer, binding) => ({ binding, resource: { buffer } })) }));
      pass.dispatchWorkgroups(...request.groups);
      pass.end();
      const back = request.bindings.map((b, i) => {
        if (b.type !== 'storage') return null;
        const buffer = device.createBuffer({ size: bound[i].size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        encoder.copyBufferToBuffer(bound[i], 0, buffer, 0, bound[i].size);
        all.push(buffer);
        return buffer;
      });
      device.queue.submit([encoder.finish()]);
      const out = [];
      for (const buffer of back) {
        if (buffer) await buffer.mapAsync(GPUMapMode.READ);
        out.push(buffer && Buffer.from(buffer.getMappedRange()).toString('base64'));
        if (buffer) buffer.unmap();
      }
      return out;
    });
    return { data };
  } finally {
    for (const b of all) b.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = request.hello ? { adapter: `${adapter.info.vendor} ${adapter.info.architecture} ${adapter.info.description}`.trim() } : await dispatch(request);
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
device.destroy();
process.exit(0);
