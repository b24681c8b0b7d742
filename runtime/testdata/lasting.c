/* A job whose steps leave everything half done: a pass being recorded, an error scope with an error in it, buffers that are
 * mapped, callbacks that wait, command buffers not yet submitted, outputs in pieces, memory that grows.
 *
 * Arguments: steps, rounds of a generator in each step, MiB of memory and MiB of buffers that are filled and then kept. */
#include <gw.h>
#include <webgpu.h>

#define N 3000 /* u32: two pages and a part of one */

static const char source[] =
    "@group(0) @binding(0) var<storage, read_write> cells: array<u32>;\n"
    "@group(0) @binding(1) var<storage, read_write> seen: array<atomic<u32>>;\n"
    "@compute @workgroup_size(64) fn stir(@builtin(global_invocation_id) id: vec3u) {\n"
    "  if (id.x >= arrayLength(&cells)) { return; }\n"
    "  cells[id.x] = cells[id.x] * 1664525u + 1013904223u + id.x;\n"
    "  atomicXor(&seen[id.x % 7u], cells[id.x]);\n"
    "}\n";

static WGPUInstance instance;
static WGPUAdapter adapter;
static WGPUDevice device;
static WGPUQueue queue;
static WGPUBuffer cells, seen, back, upload;
static WGPUComputePipeline pipeline;
static WGPUBindGroup group;
static WGPUCommandEncoder encoder;
static WGPUComputePassEncoder pass;
static WGPUCommandBuffer commands;
static WGPUFuture submitted;
static uint32_t steps, rounds, n, x, mapped, worked, errors;
static uint32_t words[N];

static WGPUStringView text(const char *s) { return (WGPUStringView){s, WGPU_STRLEN}; }

static uint32_t argument(uint32_t i, uint32_t otherwise) {
    char b[12];
    if (i >= gw_arg_count()) return otherwise;
    uint32_t v = 0, len = gw_arg_read(i, b, sizeof b);
    for (uint32_t k = 0; k < len; k++) v = v * 10 + (uint32_t)(b[k] - '0');
    return v;
}

static uint32_t next(void) { return x ^= x << 13, x ^= x >> 17, x ^= x << 5; }

static void onError(WGPUDevice const *d, WGPUErrorType t, WGPUStringView m, void *a, void *b) {
    (void)d, (void)t, (void)a, (void)b;
    gw_log(m.data, m.length);
    __builtin_trap(); /* every error is meant for a scope */
}

static void onAdapter(WGPURequestAdapterStatus s, WGPUAdapter a, WGPUStringView m, void *u, void *v) {
    (void)s, (void)m, (void)v;
    *(WGPUAdapter *)u = a;
}

static void onDevice(WGPURequestDeviceStatus s, WGPUDevice d, WGPUStringView m, void *u, void *v) {
    (void)s, (void)m, (void)v;
    *(WGPUDevice *)u = d;
}

static void onMap(WGPUMapAsyncStatus s, WGPUStringView m, void *u, void *v) {
    (void)m, (void)v;
    *(uint32_t *)u += s == WGPUMapAsyncStatus_Success;
}

static void onWork(WGPUQueueWorkDoneStatus s, WGPUStringView m, void *u, void *v) {
    (void)m, (void)v;
    *(uint32_t *)u += s == WGPUQueueWorkDoneStatus_Success;
}

static void onScope(WGPUPopErrorScopeStatus s, WGPUErrorType t, WGPUStringView m, void *u, void *v) {
    (void)v;
    *(uint32_t *)u += s == WGPUPopErrorScopeStatus_Success && t == WGPUErrorType_Validation;
    gw_log(m.data, m.length);
}

static WGPUBuffer buffer(const char *label, uint64_t size, WGPUBufferUsage usage, int mappedAtCreation) {
    WGPUBufferDescriptor d = WGPU_BUFFER_DESCRIPTOR_INIT;
    d.label = text(label), d.size = size, d.usage = usage, d.mappedAtCreation = mappedAtCreation;
    return wgpuDeviceCreateBuffer(device, &d);
}

GW_EXPORT(gw_init) void gw_init(void) {
    steps = argument(0, 14), rounds = argument(1, 1000);
    x = (uint32_t)gw_seed() | 1;
    instance = wgpuCreateInstance(NULL);
    WGPURequestAdapterCallbackInfo ai = WGPU_REQUEST_ADAPTER_CALLBACK_INFO_INIT;
    ai.mode = WGPUCallbackMode_AllowProcessEvents, ai.callback = onAdapter, ai.userdata1 = &adapter;
    wgpuInstanceRequestAdapter(instance, NULL, ai);
    wgpuInstanceProcessEvents(instance);
    WGPUDeviceDescriptor dd = WGPU_DEVICE_DESCRIPTOR_INIT;
    dd.uncapturedErrorCallbackInfo.callback = onError;
    WGPURequestDeviceCallbackInfo di = WGPU_REQUEST_DEVICE_CALLBACK_INFO_INIT;
    di.mode = WGPUCallbackMode_AllowProcessEvents, di.callback = onDevice, di.userdata1 = &device;
    wgpuAdapterRequestDevice(adapter, &dd, di);
    wgpuInstanceProcessEvents(instance);
    queue = wgpuDeviceGetQueue(device);

    for (uint32_t mib = argument(2, 0); mib > 0; mib--) {
        uint32_t *p = (uint32_t *)(__builtin_wasm_memory_grow(0, 16) << 16);
        for (uint32_t i = 0; i < 1 << 18; i++) p[i] = next();
    }
    for (uint32_t mib = argument(3, 0); mib > 0; mib--) {
        WGPUBuffer b = buffer("kept", 1 << 20, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst, 0);
        for (uint32_t at = 0; at < 1 << 20; at += 8192) {
            for (uint32_t i = 0; i < 2048; i++) words[i] = next();
            wgpuQueueWriteBuffer(queue, b, at, words, 8192);
        }
    }

    cells = buffer("cells", 4 * N, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc | WGPUBufferUsage_CopyDst, 0);
    seen = buffer("seen", 4 * 7, WGPUBufferUsage_Storage, 0);
    back = buffer("back", 4 * N, WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst, 0);
    WGPUShaderSourceWGSL src = WGPU_SHADER_SOURCE_WGSL_INIT;
    src.code = text(source);
    WGPUShaderModuleDescriptor sd = WGPU_SHADER_MODULE_DESCRIPTOR_INIT;
    sd.nextInChain = &src.chain;
    WGPUComputePipelineDescriptor pd = WGPU_COMPUTE_PIPELINE_DESCRIPTOR_INIT;
    pd.compute.module = wgpuDeviceCreateShaderModule(device, &sd), pd.compute.entryPoint = text("stir");
    pipeline = wgpuDeviceCreateComputePipeline(device, &pd);
    wgpuShaderModuleRelease(pd.compute.module);
    WGPUBindGroupEntry e[2] = {WGPU_BIND_GROUP_ENTRY_INIT, WGPU_BIND_GROUP_ENTRY_INIT};
    e[0].binding = 0, e[0].buffer = cells, e[1].binding = 1, e[1].buffer = seen;
    WGPUBindGroupDescriptor gd = WGPU_BIND_GROUP_DESCRIPTOR_INIT;
    gd.layout = wgpuComputePipelineGetBindGroupLayout(pipeline, 0), gd.entryCount = 2, gd.entries = e;
    group = wgpuDeviceCreateBindGroup(device, &gd);
    wgpuBindGroupLayoutRelease(gd.layout);
}

static int phase(void) {
    switch (n % 6) {
    case 0:
        wgpuDevicePushErrorScope(device, WGPUErrorFilter_Validation);
        encoder = wgpuDeviceCreateCommandEncoder(device, NULL);
        pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
        wgpuComputePassEncoderSetPipeline(pass, pipeline);
        wgpuComputePassEncoderSetBindGroup(pass, 0, group, 0, NULL);
        wgpuComputePassEncoderDispatchWorkgroups(pass, (N + 63) / 64, 1, 1);
        return 1;
    case 1:
        wgpuComputePassEncoderDispatchWorkgroups(pass, 2, 1, 1);
        wgpuBufferRelease(buffer("of no use", 4, WGPUBufferUsage_None, 0)); /* an error */
        return 1;
    case 2:
        wgpuComputePassEncoderEnd(pass);
        wgpuComputePassEncoderRelease(pass);
        wgpuCommandEncoderCopyBufferToBuffer(encoder, cells, 0, back, 0, 4 * N);
        commands = wgpuCommandEncoderFinish(encoder, NULL);
        wgpuCommandEncoderRelease(encoder);
        upload = buffer("upload", 64, WGPUBufferUsage_CopySrc, 1);
        words[0] = next();
        return wgpuBufferWriteMappedRange(upload, 8, words, 4) == WGPUStatus_Success;
    case 3: {
        wgpuQueueSubmit(queue, 1, &commands);
        wgpuCommandBufferRelease(commands);
        WGPUQueueWorkDoneCallbackInfo wi = WGPU_QUEUE_WORK_DONE_CALLBACK_INFO_INIT;
        wi.mode = WGPUCallbackMode_WaitAnyOnly, wi.callback = onWork, wi.userdata1 = &worked;
        submitted = wgpuQueueOnSubmittedWorkDone(queue, wi);
        WGPUBufferMapCallbackInfo mi = WGPU_BUFFER_MAP_CALLBACK_INFO_INIT;
        mi.mode = WGPUCallbackMode_AllowProcessEvents, mi.callback = onMap, mi.userdata1 = &mapped;
        wgpuBufferMapAsync(back, WGPUMapMode_Read, 0, 4 * N, mi);
        WGPUPopErrorScopeCallbackInfo si = WGPU_POP_ERROR_SCOPE_CALLBACK_INFO_INIT;
        si.mode = WGPUCallbackMode_AllowProcessEvents, si.callback = onScope, si.userdata1 = &errors;
        wgpuDevicePopErrorScope(device, si);
        return 1;
    }
    case 4: {
        uint32_t before = mapped + worked + errors;
        wgpuInstanceProcessEvents(instance);
        WGPUFutureWaitInfo w = {submitted, 0};
        wgpuInstanceWaitAny(instance, 1, &w, 0);
        if (mapped + worked + errors != before + 3) return 0;
        if (wgpuBufferReadMappedRange(back, 0, words, 2 * N) != WGPUStatus_Success) return 0;
        gw_output_write("cells", 5, words, 2 * N);
        words[0] = next();
        if (wgpuBufferWriteMappedRange(upload, 16, words, 4) != WGPUStatus_Success) return 0;
        wgpuBufferUnmap(upload);
        return 1;
    }
    default: {
        if (wgpuBufferReadMappedRange(back, 2 * N, words, 2 * N) != WGPUStatus_Success) return 0;
        wgpuBufferUnmap(back);
        gw_output_write("cells", 5, words, 2 * N);
        WGPUCommandEncoder e = wgpuDeviceCreateCommandEncoder(device, NULL);
        wgpuCommandEncoderCopyBufferToBuffer(e, upload, 0, cells, 4 * (next() % (N - 16)), 64);
        WGPUCommandBuffer c = wgpuCommandEncoderFinish(e, NULL);
        wgpuCommandEncoderRelease(e);
        wgpuQueueSubmit(queue, 1, &c);
        wgpuCommandBufferRelease(c);
        wgpuBufferRelease(upload);
        if (n < 60) __builtin_wasm_memory_grow(0, 1);
        return 1;
    }
    }
}

GW_EXPORT(gw_step) int gw_step(void) {
    for (uint32_t i = 0; i < rounds; i++) words[next() % N] ^= next();
    if (!phase()) return 9;
    gw_output_write("x", 1, &x, 4);
    gw_log("step\n", 5);
    gw_progress((double)++n / steps, "lasting", 7);
    return n < steps ? GW_AGAIN : GW_DONE;
}
