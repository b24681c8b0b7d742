/* A job around any kernel of kernels/wgslgen: it dispatches the kernel of input "kernel" in every step, on words it got as input and what
 * the steps before left, and ends as it is told. What one step records another submits.
 *
 * Arguments: steps, the bindings that the kernel uses ("02"), how it ends ("done", "trap", "fail", "log", "error"). */
#include <gw.h>
#include <webgpu.h>

#define WORDS 64 /* of src */
#define OUT 256  /* of dst: 2 workgroups of 16 invocations with 8 words each */

static WGPUInstance instance;
static WGPUAdapter adapter;
static WGPUDevice device;
static WGPUQueue queue;
static WGPUBuffer buffers[4], back;
static WGPUComputePipeline pipeline;
static WGPUBindGroup group;
static WGPUCommandBuffer waiting;
static uint32_t steps, n, mapped;
static char bindings[4], end[8];
static uint32_t bound;
static char source[1 << 16];
static uint32_t words[OUT];

static WGPUStringView text(const char *s) { return (WGPUStringView){s, WGPU_STRLEN}; }

static void onError(WGPUDevice const *d, WGPUErrorType t, WGPUStringView m, void *a, void *b) {
    (void)d, (void)t, (void)a, (void)b;
    gw_log(m.data, m.length);
    __builtin_trap();
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

static uint32_t input(const char *name, uint32_t len, void *to, uint32_t size) {
    int32_t i = gw_input_find(name, len);
    if (i == GW_NONE) __builtin_trap();
    return gw_input_read((uint32_t)i, 0, to, size);
}

static WGPUBuffer buffer(uint64_t size, WGPUBufferUsage usage) {
    WGPUBufferDescriptor d = WGPU_BUFFER_DESCRIPTOR_INIT;
    d.size = size, d.usage = usage;
    return wgpuDeviceCreateBuffer(device, &d);
}

GW_EXPORT(gw_init) void gw_init(void) {
    char number[12];
    for (uint32_t i = 0, len = gw_arg_read(0, number, sizeof number); i < len; i++) steps = steps * 10 + (uint32_t)(number[i] - '0');
    bound = gw_arg_read(1, bindings, sizeof bindings);
    gw_arg_read(2, end, sizeof end);
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

    buffers[0] = buffer(4 * WORDS, WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst);
    buffers[1] = buffer(32, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst);
    buffers[2] = buffer(4 * OUT, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc);
    buffers[3] = buffer(16, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc);
    back = buffer(4 * OUT + 16, WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst);
    WGPUShaderSourceWGSL src = WGPU_SHADER_SOURCE_WGSL_INIT;
    src.code.data = source, src.code.length = input("kernel", 6, source, sizeof source);
    WGPUShaderModuleDescriptor sd = WGPU_SHADER_MODULE_DESCRIPTOR_INIT;
    sd.nextInChain = &src.chain;
    WGPUComputePipelineDescriptor pd = WGPU_COMPUTE_PIPELINE_DESCRIPTOR_INIT;
    pd.compute.module = wgpuDeviceCreateShaderModule(device, &sd), pd.compute.entryPoint = text("main");
    pipeline = wgpuDeviceCreateComputePipeline(device, &pd);
    wgpuShaderModuleRelease(pd.compute.module);
    static const uint64_t sizes[] = {4 * WORDS, 32, 4 * OUT, 16};
    WGPUBindGroupEntry e[4];
    for (uint32_t i = 0; i < bound; i++) {
        uint32_t b = (uint32_t)(bindings[i] - '0');
        e[i] = (WGPUBindGroupEntry)WGPU_BIND_GROUP_ENTRY_INIT;
        e[i].binding = b, e[i].buffer = buffers[b], e[i].size = sizes[b];
    }
    WGPUBindGroupDescriptor gd = WGPU_BIND_GROUP_DESCRIPTOR_INIT;
    gd.layout = wgpuComputePipelineGetBindGroupLayout(pipeline, 0), gd.entryCount = bound, gd.entries = e;
    group = wgpuDeviceCreateBindGroup(device, &gd);
    wgpuBindGroupLayoutRelease(gd.layout);
    wgpuQueueWriteBuffer(queue, buffers[0], 0, words, input("src", 3, words, 4 * WORDS));
    wgpuQueueWriteBuffer(queue, buffers[1], 0, words, input("params", 6, words, 32));
}

/* Puts what the step before read into the output and where the next kernel reads. */
static void take(void) {
    if (mapped == 0) return;
    mapped = 0;
    if (wgpuBufferReadMappedRange(back, 0, words, 4 * OUT) != WGPUStatus_Success) __builtin_trap();
    wgpuBufferUnmap(back);
    gw_output_write("dst", 3, words, 4 * OUT);
    words[0] = n;
    wgpuQueueWriteBuffer(queue, buffers[1], 0, words, 4); /* params.count */
}

static void submit(WGPUCommandBuffer c) {
    wgpuQueueSubmit(queue, 1, &c);
    wgpuCommandBufferRelease(c);
}

GW_EXPORT(gw_step) int gw_step(void) {
    n++;
    if (waiting) submit(waiting), waiting = NULL;
    wgpuInstanceProcessEvents(instance);
    take();
    WGPUCommandEncoder e = wgpuDeviceCreateCommandEncoder(device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(e, NULL);
    wgpuComputePassEncoderSetPipeline(pass, pipeline);
    wgpuComputePassEncoderSetBindGroup(pass, 0, group, 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(pass, 2, 1, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    wgpuCommandEncoderCopyBufferToBuffer(e, buffers[2], 64 * (n % 12), buffers[0], 16 * (n % 8), 128);
    if (n % 3 == 0) {
        wgpuCommandEncoderCopyBufferToBuffer(e, buffers[2], 0, back, 0, 4 * OUT);
        wgpuCommandEncoderCopyBufferToBuffer(e, buffers[3], 0, back, 4 * OUT, 16);
    }
    WGPUCommandBuffer c = wgpuCommandEncoderFinish(e, NULL);
    wgpuCommandEncoderRelease(e);
    if (n % 3 == 1) {
        waiting = c;
    } else {
        submit(c);
    }
    if (n % 3 == 0) {
        WGPUBufferMapCallbackInfo mi = WGPU_BUFFER_MAP_CALLBACK_INFO_INIT;
        mi.mode = WGPUCallbackMode_AllowProcessEvents, mi.callback = onMap, mi.userdata1 = &mapped;
        wgpuBufferMapAsync(back, WGPUMapMode_Read, 0, 4 * OUT, mi); /* the next step hears of it */
    }
    gw_progress((double)n / steps, "generated", 9);
    if (n < steps) return GW_AGAIN;
    switch (end[0]) {
    case 't': __builtin_trap();
    case 'f': return 7;
    case 'l':
        for (;;) gw_log(source, 1 << 10);
    case 'e': buffer(3, WGPUBufferUsage_MapRead | WGPUBufferUsage_Storage); /* an error that nobody awaits: onError traps */
    }
    return GW_DONE;
}
