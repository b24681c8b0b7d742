/* A job with kernels: a wave equation on a line, two buffers that take turns, a uniform written each step, a sum in
 * workgroup memory with an atomic at its end, read back through a mapped buffer. */
#include <gw.h>
#include <webgpu.h>

#define N 5000
#define STEPS 12

static const char source[] =
    "struct P { n: u32, step: u32, c: f32 }\n"
    "@group(0) @binding(0) var<uniform> p: P;\n"
    "@group(0) @binding(1) var<storage, read> src: array<f32>;\n"
    "@group(0) @binding(2) var<storage, read_write> to: array<f32>;\n"
    "@group(0) @binding(3) var<storage, read_write> total: array<atomic<u32>>;\n"
    "override scale: f32 = 1.0;\n"
    "var<workgroup> part: array<u32, 64>;\n"
    "@compute @workgroup_size(64) fn wave(@builtin(global_invocation_id) id: vec3u) {\n"
    "  let i = id.x;\n"
    "  if (i >= p.n) { return; }\n"
    "  let l = src[select(i - 1u, p.n - 1u, i == 0u)];\n"
    "  let r = src[select(i + 1u, 0u, i + 1u == p.n)];\n"
    "  to[i] = scale * (2.0 * src[i] - to[i] + p.c * (l - 2.0 * src[i] + r));\n"
    "}\n"
    "@compute @workgroup_size(64) fn add(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) k: u32) {\n"
    "  part[k] = select(0u, bitcast<u32>(src[min(id.x, p.n - 1u)]), id.x < p.n);\n"
    "  for (var s = 32u; s > 0u; s >>= 1u) {\n"
    "    workgroupBarrier();\n"
    "    if (k < s) { part[k] += part[k + s]; }\n"
    "  }\n"
    "  if (k == 0u) { atomicAdd(&total[p.step], part[0]); }\n"
    "}\n";

static WGPUInstance instance;
static WGPUAdapter adapter;
static WGPUDevice device;
static WGPUQueue queue;
static WGPUBuffer uniform, line[2], total, back;
static WGPUComputePipeline wave, add;
static WGPUBindGroup waveGroup[2], addGroup[2];
static uint32_t n;
static int ready;

static WGPUStringView text(const char *s) { return (WGPUStringView){s, WGPU_STRLEN}; }

static void onError(WGPUDevice const *d, WGPUErrorType t, WGPUStringView m, void *a, void *b) {
    (void)d, (void)t, (void)a, (void)b;
    gw_log(m.data, m.length);
    __builtin_trap();
}

static void onAdapter(WGPURequestAdapterStatus s, WGPUAdapter a, WGPUStringView m, void *u, void *v) {
    (void)m, (void)v;
    if (s == WGPURequestAdapterStatus_Success) *(WGPUAdapter *)u = a;
}

static void onDevice(WGPURequestDeviceStatus s, WGPUDevice d, WGPUStringView m, void *u, void *v) {
    (void)m, (void)v;
    if (s == WGPURequestDeviceStatus_Success) *(WGPUDevice *)u = d;
}

static void onMap(WGPUMapAsyncStatus s, WGPUStringView m, void *u, void *v) {
    (void)m, (void)u, (void)v;
    ready = s == WGPUMapAsyncStatus_Success;
}

static WGPUBuffer buffer(const char *label, uint64_t size, WGPUBufferUsage usage) {
    WGPUBufferDescriptor d = WGPU_BUFFER_DESCRIPTOR_INIT;
    d.label = text(label), d.size = size, d.usage = usage;
    return wgpuDeviceCreateBuffer(device, &d);
}

static WGPUComputePipeline pipeline(WGPUShaderModule m, const char *entry) {
    WGPUConstantEntry k = WGPU_CONSTANT_ENTRY_INIT;
    k.key = text("scale"), k.value = 0.999;
    WGPUComputePipelineDescriptor d = WGPU_COMPUTE_PIPELINE_DESCRIPTOR_INIT;
    d.label = text(entry), d.compute.module = m, d.compute.entryPoint = text(entry);
    if (entry[0] == 'w') d.compute.constantCount = 1, d.compute.constants = &k;
    return wgpuDeviceCreateComputePipeline(device, &d);
}

static WGPUBindGroup group(WGPUComputePipeline p, WGPUBuffer from, WGPUBuffer to, uint32_t toBinding) {
    WGPUBindGroupEntry e[3] = {WGPU_BIND_GROUP_ENTRY_INIT, WGPU_BIND_GROUP_ENTRY_INIT, WGPU_BIND_GROUP_ENTRY_INIT};
    e[0].binding = 0, e[0].buffer = uniform;
    e[1].binding = 1, e[1].buffer = from;
    e[2].binding = toBinding, e[2].buffer = to;
    WGPUBindGroupDescriptor d = WGPU_BIND_GROUP_DESCRIPTOR_INIT;
    d.layout = wgpuComputePipelineGetBindGroupLayout(p, 0), d.entryCount = 3, d.entries = e;
    WGPUBindGroup g = wgpuDeviceCreateBindGroup(device, &d);
    wgpuBindGroupLayoutRelease(d.layout);
    return g;
}

static float first[N];

GW_EXPORT(gw_init) void gw_init(void) {
    instance = wgpuCreateInstance(NULL);
    WGPURequestAdapterCallbackInfo ai = WGPU_REQUEST_ADAPTER_CALLBACK_INFO_INIT;
    ai.mode = WGPUCallbackMode_AllowProcessEvents, ai.callback = onAdapter, ai.userdata1 = &adapter;
    wgpuInstanceRequestAdapter(instance, NULL, ai);
    wgpuInstanceProcessEvents(instance);
    WGPUDeviceDescriptor dd = WGPU_DEVICE_DESCRIPTOR_INIT;
    dd.uncapturedErrorCallbackInfo.callback = onError;
    WGPURequestDeviceCallbackInfo di = WGPU_REQUEST_DEVICE_CALLBACK_INFO_INIT;
    di.mode = WGPUCallbackMode_WaitAnyOnly, di.callback = onDevice, di.userdata1 = &device;
    WGPUFutureWaitInfo w = {wgpuAdapterRequestDevice(adapter, &dd, di), 0};
    wgpuInstanceWaitAny(instance, 1, &w, 0);
    queue = wgpuDeviceGetQueue(device);

    uniform = buffer("params", 12, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    line[0] = buffer("even", 4 * N, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst | WGPUBufferUsage_CopySrc);
    line[1] = buffer("odd", 4 * N, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst | WGPUBufferUsage_CopySrc);
    total = buffer("total", 4 * STEPS, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc);
    back = buffer("readback", 4 * STEPS, WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst);
    WGPUShaderSourceWGSL src = WGPU_SHADER_SOURCE_WGSL_INIT;
    src.code = text(source);
    WGPUShaderModuleDescriptor sd = WGPU_SHADER_MODULE_DESCRIPTOR_INIT;
    sd.nextInChain = &src.chain, sd.label = text("waves");
    WGPUShaderModule m = wgpuDeviceCreateShaderModule(device, &sd);
    wave = pipeline(m, "wave");
    add = pipeline(m, "add");
    wgpuShaderModuleRelease(m);
    for (int i = 0; i < 2; i++) {
        waveGroup[i] = group(wave, line[i], line[1 - i], 2);
        addGroup[i] = group(add, line[1 - i], total, 3);
    }
    for (int i = 0; i < N; i++) first[i] = i < 100 ? (float)(i * (100 - i)) / 2500.0f : 0;
    wgpuQueueWriteBuffer(queue, line[0], 0, first, sizeof first);
    wgpuQueueWriteBuffer(queue, line[1], 0, first, sizeof first);
    wgpuInstanceProcessEvents(instance);
}

GW_EXPORT(gw_step) int gw_step(void) {
    struct { uint32_t n, step; float c; } p = {N, n, 0.25f};
    wgpuQueueWriteBuffer(queue, uniform, 0, &p, sizeof p);
    WGPUCommandEncoder e = wgpuDeviceCreateCommandEncoder(device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(e, NULL);
    wgpuComputePassEncoderSetPipeline(pass, wave);
    wgpuComputePassEncoderSetBindGroup(pass, 0, waveGroup[n & 1], 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(pass, (N + 63) / 64, 1, 1);
    wgpuComputePassEncoderSetPipeline(pass, add);
    wgpuComputePassEncoderSetBindGroup(pass, 0, addGroup[n & 1], 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(pass, (N + 63) / 64, 1, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    wgpuCommandEncoderCopyBufferToBuffer(e, total, 0, back, 0, 4 * STEPS);
    WGPUCommandBuffer c = wgpuCommandEncoderFinish(e, NULL);
    wgpuCommandEncoderRelease(e);
    wgpuQueueSubmit(queue, 1, &c);
    wgpuCommandBufferRelease(c);

    WGPUBufferMapCallbackInfo mi = WGPU_BUFFER_MAP_CALLBACK_INFO_INIT;
    mi.mode = WGPUCallbackMode_AllowProcessEvents, mi.callback = onMap;
    ready = 0;
    wgpuBufferMapAsync(back, WGPUMapMode_Read, 0, 4 * STEPS, mi);
    while (!ready) wgpuInstanceProcessEvents(instance);
    uint32_t sums[STEPS];
    if (wgpuBufferReadMappedRange(back, 0, sums, sizeof sums) != WGPUStatus_Success) return 9;
    wgpuBufferUnmap(back);
    gw_output_write("sums", 4, &sums[n], 4);
    n++;
    return n < STEPS ? GW_AGAIN : GW_DONE;
}
