/* A compute program as people write them against webgpu.h, with main, the C library and files: it smooths the numbers of
 * signal.txt on the device and writes them to smooth.txt. It waits in each of the three ways there are. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webgpu/webgpu.h>

static WGPUInstance instance;
static WGPUDevice device;

static WGPUStringView text(const char *s) { return (WGPUStringView){s, WGPU_STRLEN}; }

static void on_adapter(WGPURequestAdapterStatus status, WGPUAdapter adapter, WGPUStringView message, void *to, void *unused) {
    (void)unused;
    if (status != WGPURequestAdapterStatus_Success) {
        fprintf(stderr, "no adapter: %.*s\n", (int)message.length, message.data);
        exit(2);
    }
    *(WGPUAdapter *)to = adapter;
}

static void on_device(WGPURequestDeviceStatus status, WGPUDevice d, WGPUStringView message, void *to, void *unused) {
    (void)unused;
    if (status != WGPURequestDeviceStatus_Success) {
        fprintf(stderr, "no device: %.*s\n", (int)message.length, message.data);
        exit(2);
    }
    *(WGPUDevice *)to = d;
}

static void on_map(WGPUMapAsyncStatus status, WGPUStringView message, void *to, void *name) {
    printf("map of %s: status %d%s%.*s\n", (const char *)name, status, message.length ? ", " : "", (int)message.length, message.data);
    *(bool *)to = true;
}

static void on_scope(WGPUPopErrorScopeStatus status, WGPUErrorType type, WGPUStringView message, void *u1, void *u2) {
    (void)u1, (void)u2;
    printf("error scope: status %d, type %d: %.*s\n", status, type, (int)message.length, message.data);
}

static void on_error(WGPUDevice const *d, WGPUErrorType type, WGPUStringView message, void *u1, void *u2) {
    (void)u1, (void)u2;
    printf("uncaptured error of type %d, device %s: %.*s\n", type, *d == device ? "ours" : "another", (int)message.length, message.data);
}

static void on_lost(WGPUDevice const *d, WGPUDeviceLostReason reason, WGPUStringView message, void *u1, void *u2) {
    (void)u1, (void)u2;
    printf("device lost: %s, reason %d: %.*s\n", *d ? "still there" : "released", reason, (int)message.length, message.data);
}

static void on_done(WGPUQueueWorkDoneStatus status, WGPUStringView message, void *to, void *unused) {
    (void)message, (void)unused;
    *(WGPUQueueWorkDoneStatus *)to = status;
}

static void on_compiled(WGPUCompilationInfoRequestStatus status, WGPUCompilationInfo const *info, void *u1, void *u2) {
    (void)u1, (void)u2;
    printf("compilation: status %d, %zu messages\n", status, info->messageCount);
    for (size_t i = 0; i < info->messageCount; i++) {
        const WGPUCompilationMessage *m = &info->messages[i];
        printf("  type %d at %" PRIu64 ":%" PRIu64 "\n", m->type, m->lineNum, m->linePos);
    }
}

static void wait_for(WGPUFuture future) {
    WGPUFutureWaitInfo info = {future, false};
    WGPUWaitStatus status = wgpuInstanceWaitAny(instance, 1, &info, UINT64_MAX);
    assert(status == WGPUWaitStatus_Success && info.completed);
}

static WGPUBuffer buffer(const char *label, size_t size, WGPUBufferUsage usage, bool mapped) {
    return wgpuDeviceCreateBuffer(device, &(WGPUBufferDescriptor){.label = text(label), .usage = usage, .size = size, .mappedAtCreation = mapped});
}

static const char shader[] =
    "struct Params { count: u32, weight: f32 }\n"
    "@group(0) @binding(0) var<storage, read> signal: array<f32>;\n"
    "@group(0) @binding(1) var<storage, read_write> result: array<f32>;\n"
    "@group(0) @binding(2) var<uniform> params: Params;\n"
    "override group: u32 = 64;\n"
    "@compute @workgroup_size(group)\n"
    "fn smooth_(@builtin(global_invocation_id) id: vec3u) {\n"
    "  if (id.x >= params.count) { return; }\n"
    "  let left = signal[max(id.x, 1u) - 1u];\n"
    "  let right = signal[min(id.x + 1u, params.count - 1u)];\n"
    "  result[id.x] = (1.0 - params.weight) * signal[id.x] + params.weight * 0.5 * (left + right);\n"
    "}\n";

static WGPUShaderModule module_of(const char *label, const char *source) {
    WGPUShaderSourceWGSL wgsl = WGPU_SHADER_SOURCE_WGSL_INIT;
    wgsl.code = text(source);
    return wgpuDeviceCreateShaderModule(device, &(WGPUShaderModuleDescriptor){.nextInChain = &wgsl.chain, .label = text(label)});
}

int main(int argc, char **argv) {
    printf("%s", argv[0]);
    for (int i = 1; i < argc; i++) printf(" %s", argv[i]);
    puts("");

    /* Numbers from a file. */
    FILE *in = fopen("signal.txt", "r");
    if (!in) {
        perror("signal.txt");
        return 3;
    }
    size_t count = 0;
    float *numbers = NULL;
    for (float v; fscanf(in, "%f", &v) == 1;) {
        numbers = realloc(numbers, ++count * sizeof *numbers);
        numbers[count - 1] = v;
    }
    fclose(in);
    size_t size = count * sizeof *numbers;
    printf("%zu numbers\n", count);

    /* A device: the adapter is waited for, the device polled for. */
    WGPUInstanceFeatureName timed = WGPUInstanceFeatureName_TimedWaitAny;
    instance = wgpuCreateInstance(&(WGPUInstanceDescriptor){.requiredFeatureCount = 1, .requiredFeatures = &timed});
    WGPUAdapter adapter = NULL;
    wait_for(wgpuInstanceRequestAdapter(instance, &(WGPURequestAdapterOptions){.powerPreference = WGPUPowerPreference_HighPerformance},
                                        (WGPURequestAdapterCallbackInfo){.mode = WGPUCallbackMode_WaitAnyOnly, .callback = on_adapter, .userdata1 = &adapter}));
    WGPULimits limits = WGPU_LIMITS_INIT;
    assert(wgpuAdapterGetLimits(adapter, &limits) == WGPUStatus_Success);
    WGPUSupportedFeatures features = WGPU_SUPPORTED_FEATURES_INIT;
    wgpuAdapterGetFeatures(adapter, &features);
    printf("%zu features, the first is %d; workgroups of up to %u\n", features.featureCount, features.features[0], limits.maxComputeInvocationsPerWorkgroup);
    wgpuSupportedFeaturesFreeMembers(features);
    WGPUDeviceDescriptor wanted = WGPU_DEVICE_DESCRIPTOR_INIT;
    wanted.label = text("the device");
    wanted.requiredLimits = &limits;
    wanted.uncapturedErrorCallbackInfo.callback = on_error;
    wanted.deviceLostCallbackInfo = (WGPUDeviceLostCallbackInfo){.mode = WGPUCallbackMode_AllowProcessEvents, .callback = on_lost};
    wgpuAdapterRequestDevice(adapter, &wanted, (WGPURequestDeviceCallbackInfo){.mode = WGPUCallbackMode_AllowProcessEvents, .callback = on_device, .userdata1 = &device});
    while (!device) wgpuInstanceProcessEvents(instance);
    WGPUQueue queue = wgpuDeviceGetQueue(device);

    /* Mistakes: in a scope, and in none. */
    wgpuDevicePushErrorScope(device, WGPUErrorFilter_Validation);
    WGPUShaderModule broken = module_of("broken", "fn f() {\n  let x = ;\n}");
    wgpuShaderModuleGetCompilationInfo(broken, (WGPUCompilationInfoCallbackInfo){.mode = WGPUCallbackMode_AllowSpontaneous, .callback = on_compiled});
    wgpuShaderModuleRelease(broken);
    wait_for(wgpuDevicePopErrorScope(device, (WGPUPopErrorScopeCallbackInfo){.mode = WGPUCallbackMode_WaitAnyOnly, .callback = on_scope}));
    wgpuBufferRelease(buffer("of no use", 16, WGPUBufferUsage_MapRead | WGPUBufferUsage_Storage, false));

    /* The work: one buffer is filled where it is mapped, one by the queue. */
    WGPUBuffer from = buffer("from", size, WGPUBufferUsage_Storage, true);
    memcpy(wgpuBufferGetMappedRange(from, 0, size), numbers, size);
    wgpuBufferUnmap(from);
    WGPUBuffer to = buffer("to", size, WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc, false);
    WGPUBuffer back = buffer("back", size, WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst, false);
    WGPUBuffer params = buffer("params", 16, WGPUBufferUsage_Uniform | WGPUBufferUsage_CopyDst, false);
    struct { uint32_t count; float weight; } p = {(uint32_t)count, 0.25f};
    wgpuQueueWriteBuffer(queue, params, 0, &p, sizeof p);
    WGPUShaderModule module = module_of("smooth", shader);
    wgpuShaderModuleGetCompilationInfo(module, (WGPUCompilationInfoCallbackInfo){.mode = WGPUCallbackMode_AllowSpontaneous, .callback = on_compiled});
    WGPUConstantEntry group = {.key = text("group"), .value = 32};
    WGPUComputePipeline pipeline = wgpuDeviceCreateComputePipeline(device, &(WGPUComputePipelineDescriptor){
        .label = text("smooth"), .compute = {.module = module, .entryPoint = text("smooth_"), .constantCount = 1, .constants = &group}});
    WGPUBindGroupLayout layout = wgpuComputePipelineGetBindGroupLayout(pipeline, 0);
    WGPUBindGroupEntry entries[] = {
        {.binding = 0, .buffer = from, .size = size},
        {.binding = 1, .buffer = to, .size = size},
        {.binding = 2, .buffer = params, .size = WGPU_WHOLE_SIZE},
    };
    WGPUBindGroup bound = wgpuDeviceCreateBindGroup(device, &(WGPUBindGroupDescriptor){.layout = layout, .entryCount = 3, .entries = entries});
    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    wgpuComputePassEncoderSetPipeline(pass, pipeline);
    wgpuComputePassEncoderSetBindGroup(pass, 0, bound, 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(pass, (uint32_t)(count + 31) / 32, 1, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    wgpuCommandEncoderCopyBufferToBuffer(encoder, to, 0, back, 0, size);
    WGPUCommandBuffer commands = wgpuCommandEncoderFinish(encoder, NULL);
    wgpuCommandEncoderRelease(encoder);
    wgpuQueueSubmit(queue, 1, &commands);
    wgpuCommandBufferRelease(commands);
    WGPUQueueWorkDoneStatus done = 0;
    wgpuQueueOnSubmittedWorkDone(queue, (WGPUQueueWorkDoneCallbackInfo){.mode = WGPUCallbackMode_AllowSpontaneous, .callback = on_done, .userdata1 = &done});
    printf("work done: status %d\n", done);

    bool mapped = false;
    wgpuBufferMapAsync(back, WGPUMapMode_Read, 0, size, (WGPUBufferMapCallbackInfo){.mode = WGPUCallbackMode_AllowProcessEvents, .callback = on_map, .userdata1 = &mapped, .userdata2 = "back"});
    wgpuBufferMapAsync(back, WGPUMapMode_Read, 0, size, (WGPUBufferMapCallbackInfo){.mode = WGPUCallbackMode_AllowProcessEvents, .callback = on_map, .userdata1 = &mapped, .userdata2 = "back, again"});
    while (wgpuBufferGetMapState(back) != WGPUBufferMapState_Mapped) wgpuInstanceProcessEvents(instance);
    const float *smooth = wgpuBufferGetConstMappedRange(back, 0, size);
    float worst = 0;
    FILE *out = fopen("smooth.txt", "w");
    for (size_t i = 0; i < count; i++) {
        float left = numbers[i ? i - 1 : 0], right = numbers[i + 1 < count ? i + 1 : count - 1];
        worst = fmaxf(worst, fabsf(smooth[i] - (0.75f * numbers[i] + 0.25f * 0.5f * (left + right))));
        fprintf(out, "%.6g\n", smooth[i]);
    }
    fclose(out);
    printf("worst difference %g\n", worst);
    wgpuBufferUnmap(back);

    wgpuBindGroupRelease(bound);
    wgpuBindGroupLayoutRelease(layout);
    wgpuComputePipelineRelease(pipeline);
    wgpuShaderModuleRelease(module);
    wgpuBufferRelease(from);
    wgpuBufferRelease(to);
    wgpuBufferRelease(back);
    wgpuBufferRelease(params);
    wgpuQueueRelease(queue);
    wgpuDeviceRelease(device);
    wgpuInstanceProcessEvents(instance);
    wgpuAdapterRelease(adapter);
    wgpuInstanceRelease(instance);
    free(numbers);
    return 0;
}
