#include "gwjob.h"

#include <stdarg.h>

static size_t length_of(const char *s) {
    size_t n = 0;
    while (s[n] != 0) n++;
    return n;
}

static WGPUStringView view(const char *s) {
    return (WGPUStringView){s, length_of(s)};
}

/* Text. */

static void add_bytes(gwjob_text *text, const char *s, size_t n) {
    for (size_t i = 0; i < n && text->length < sizeof text->bytes; i++) text->bytes[text->length++] = s[i];
}

void gwjob_add(gwjob_text *text, const char *s) {
    add_bytes(text, s, length_of(s));
}

void gwjob_add_u64(gwjob_text *text, uint64_t value) {
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    add_bytes(text, digits + n, sizeof digits - n);
}

void gwjob_add_decimal(gwjob_text *text, double value, unsigned decimals) {
    if (value != value) {
        gwjob_add(text, "nan");
        return;
    }
    if (value < 0) {
        gwjob_add(text, "-");
        value = -value;
    }
    if (value > 1.7976931348623157e308) {
        gwjob_add(text, "inf");
        return;
    }
    /* All decimals as one integer. Where it would not fit there are no decimals to speak of. */
    if (decimals > 9) decimals = 9;
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) scale *= 10;
    double scaled = value * (double)scale + 0.5;
    if (scaled >= 1e19) {
        unsigned zeros = 0;
        for (; value >= 1e18; value /= 10) zeros++;
        gwjob_add_u64(text, (uint64_t)value);
        while (zeros-- > 0) gwjob_add(text, "0");
        return;
    }
    uint64_t n = (uint64_t)scaled;
    gwjob_add_u64(text, n / scale);
    if (decimals == 0) return;
    gwjob_add(text, ".");
    for (n %= scale; scale > 1; n %= scale) {
        scale /= 10;
        char digit = (char)('0' + n / scale);
        add_bytes(text, &digit, 1);
    }
}

static void add_format(gwjob_text *text, const char *format, va_list args) {
    while (*format != 0) {
        const char *from = format;
        while (*format != 0 && *format != '%') format++;
        add_bytes(text, from, (size_t)(format - from));
        if (*format == 0) return;
        format++;
        unsigned decimals = 6;
        if (format[0] == '.' && format[1] >= '0' && format[1] <= '9') {
            decimals = (unsigned)(format[1] - '0');
            format += 2;
        }
        if (*format == 's') {
            gwjob_add(text, va_arg(args, const char *));
        } else if (*format == 'u') {
            gwjob_add_u64(text, va_arg(args, uint32_t));
        } else if (*format == 'd') {
            int64_t n = va_arg(args, int32_t);
            if (n < 0) gwjob_add(text, "-");
            gwjob_add_u64(text, (uint64_t)(n < 0 ? -n : n));
        } else if (*format == 'f') {
            gwjob_add_decimal(text, va_arg(args, double), decimals);
        } else if (format[0] == 'l' && format[1] == 'l' && format[2] == 'u') {
            gwjob_add_u64(text, va_arg(args, uint64_t));
            format += 2;
        } else if (*format == '%') {
            gwjob_add(text, "%");
        } else {
            gwjob_fail("a format with something else than %s, %u, %d, %llu, %f and %%");
        }
        format++;
    }
}

void gwjob_addf(gwjob_text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_format(text, format, args);
    va_end(args);
}

void gwjob_log(const gwjob_text *text) {
    gw_log(text->bytes, (uint32_t)text->length);
}

void gwjob_logf(const char *format, ...) {
    gwjob_text text = {0};
    va_list args;
    va_start(args, format);
    add_format(&text, format, args);
    va_end(args);
    gwjob_log(&text);
}

void gwjob_progressf(double fraction, const char *format, ...) {
    gwjob_text text = {0};
    va_list args;
    va_start(args, format);
    add_format(&text, format, args);
    va_end(args);
    gw_progress(fraction, text.bytes, (uint32_t)text.length);
}

_Noreturn void gwjob_fail_text(const gwjob_text *why) {
    gwjob_log(why);
    __builtin_trap();
}

_Noreturn void gwjob_fail(const char *why) {
    gwjob_text text = {0};
    gwjob_add(&text, why);
    gwjob_fail_text(&text);
}

_Noreturn void gwjob_failf(const char *format, ...) {
    gwjob_text text = {0};
    va_list args;
    va_start(args, format);
    add_format(&text, format, args);
    va_end(args);
    gwjob_fail_text(&text);
}

/* Memory. It comes in pages from where memory ends, so that another allocator may live beside this one. */

void *gwjob_alloc(size_t size) {
    enum { page = 65536 };
    static uintptr_t at, end;
    if (size > INT32_MAX) gwjob_failf("no memory for %u bytes", (uint32_t)size);
    size = (size + 15) & ~(size_t)15;
    if (size > end - at) {
        size_t pages = (size - (end - at) + page - 1) / page;
        size_t before = __builtin_wasm_memory_grow(0, pages);
        if (before == (size_t)-1) gwjob_failf("no memory for %u bytes: the module may have no more pages (gwcc -p)", (uint32_t)size);
        if (before * page != end) { /* somebody else took pages since */
            at = before * page;
            size_t more = (size + page - 1) / page - pages;
            if (more != 0 && __builtin_wasm_memory_grow(0, more) != before + pages) gwjob_fail("no memory");
            pages += more;
            end = at;
        }
        end += pages * page;
    }
    void *got = (void *)at;
    at += size;
    return got;
}

/* Arguments, inputs and outputs. */

/* Finds the argument name=... and puts what follows the = in value; false where there is none. */
static bool find_arg(const char *name, char *value, size_t size, size_t *length) {
    size_t n = length_of(name);
    uint32_t count = gw_arg_count();
    for (uint32_t i = 0; i < count; i++) {
        char arg[96];
        uint32_t whole = gw_arg_len(i);
        uint32_t got = gw_arg_read(i, arg, sizeof arg);
        if (got <= n || arg[n] != '=') continue;
        size_t same = 0;
        while (same < n && arg[same] == name[same]) same++;
        if (same < n) continue;
        if (whole > sizeof arg || whole - n - 1 > size) {
            gwjob_failf("argument %s has %u bytes, want at most %u", name, whole - (uint32_t)n - 1, (uint32_t)size);
        }
        *length = whole - n - 1;
        for (size_t j = 0; j < *length; j++) value[j] = arg[n + 1 + j];
        return true;
    }
    return false;
}

/* Without zeros at the end of its decimals. */
static void add_short(gwjob_text *text, double value, unsigned decimals) {
    size_t point = text->length;
    gwjob_add_decimal(text, value, decimals);
    while (point < text->length && text->bytes[point] != '.') point++;
    if (point == text->length) return;
    while (text->bytes[text->length - 1] == '0') text->length--;
    if (text->length == point + 1) text->length--;
}

static _Noreturn void bad_arg(const char *name, const char *value, size_t length, double low, double high, unsigned decimals) {
    gwjob_text text = {0};
    gwjob_addf(&text, "argument %s is \"", name);
    add_bytes(&text, value, length);
    gwjob_add(&text, "\", want a number from ");
    add_short(&text, low, decimals);
    gwjob_add(&text, " to ");
    add_short(&text, high, decimals);
    gwjob_fail_text(&text);
}

uint32_t gwjob_arg_u32(const char *name, uint32_t fallback, uint32_t low, uint32_t high) {
    char value[64];
    size_t length;
    if (!find_arg(name, value, sizeof value, &length)) return fallback;
    uint64_t n = 0;
    bool good = length > 0 && length <= 10;
    for (size_t i = 0; good && i < length; i++) {
        good = value[i] >= '0' && value[i] <= '9';
        n = n * 10 + (uint64_t)(value[i] - '0');
    }
    if (!good || n < low || n > high) bad_arg(name, value, length, low, high, 0);
    return (uint32_t)n;
}

float gwjob_arg_f32(const char *name, float fallback, float low, float high) {
    char value[64];
    size_t length;
    if (!find_arg(name, value, sizeof value, &length)) return fallback;
    /* At most 15 digits are exact in a double, and so is a power of ten up to 10^15: one rounding to the double, one to
     * the float. */
    double digits = 0, scale = 1;
    size_t first = length > 0 && value[0] == '-';
    bool good = length - first <= 16, point = false, any = false;
    for (size_t i = first; good && i < length; i++) {
        if (value[i] == '.' && !point) {
            point = true;
            continue;
        }
        good = value[i] >= '0' && value[i] <= '9';
        any = true;
        digits = digits * 10 + (value[i] - '0');
        if (point) scale *= 10;
    }
    float n = (float)(digits / (first ? -scale : scale));
    if (!good || !any || n < low || n > high) bad_arg(name, value, length, low, high, 6);
    return n;
}

uint32_t gwjob_input(const char *name) {
    int32_t index = gw_input_find(name, (uint32_t)length_of(name));
    if (index == GW_NONE) gwjob_failf("input %s is missing", name);
    return (uint32_t)index;
}

void gwjob_input_read(const char *name, uint64_t offset, void *to, uint32_t size) {
    uint32_t got = gw_input_read(gwjob_input(name), offset, to, size);
    if (got != size) gwjob_failf("input %s has %u bytes from %llu on, want %u", name, got, (unsigned long long)offset, size);
}

void gwjob_output(const char *name, const void *data, uint32_t size) {
    gw_output_write(name, (uint32_t)length_of(name), data, size);
}

/* WebGPU. */

WGPUInstance gwjob_instance;
WGPUDevice gwjob_device;
WGPUQueue gwjob_queue;

static void wait_for(WGPUFuture future) {
    WGPUFutureWaitInfo info = {.future = future};
    if (wgpuInstanceWaitAny(gwjob_instance, 1, &info, UINT64_MAX) != WGPUWaitStatus_Success) gwjob_fail("a wait failed");
}

static void on_error(WGPUDevice const *device, WGPUErrorType type, WGPUStringView message, void *userdata1, void *userdata2) {
    (void)device, (void)type, (void)userdata1, (void)userdata2;
    gwjob_text text = {0};
    gwjob_add(&text, "WebGPU error: ");
    add_bytes(&text, message.data, message.length == WGPU_STRLEN ? length_of(message.data) : message.length);
    gwjob_fail_text(&text);
}

static void on_adapter(WGPURequestAdapterStatus status, WGPUAdapter adapter, WGPUStringView message, void *to, void *unused) {
    (void)message, (void)unused;
    if (status == WGPURequestAdapterStatus_Success) *(WGPUAdapter *)to = adapter;
}

static void on_device(WGPURequestDeviceStatus status, WGPUDevice device, WGPUStringView message, void *to, void *unused) {
    (void)message, (void)unused;
    if (status == WGPURequestDeviceStatus_Success) *(WGPUDevice *)to = device;
}

void gwjob_open(void) {
    if (gwjob_device != NULL) return;
    gwjob_instance = wgpuCreateInstance(NULL);

    WGPUAdapter adapter = NULL;
    wait_for(wgpuInstanceRequestAdapter(gwjob_instance, NULL,
                                        (WGPURequestAdapterCallbackInfo){.mode = WGPUCallbackMode_WaitAnyOnly,
                                                                         .callback = on_adapter,
                                                                         .userdata1 = &adapter}));
    if (adapter == NULL) gwjob_fail("there is no adapter");

    WGPUDeviceDescriptor descriptor = WGPU_DEVICE_DESCRIPTOR_INIT;
    descriptor.uncapturedErrorCallbackInfo.callback = on_error;
    wait_for(wgpuAdapterRequestDevice(adapter, &descriptor,
                                      (WGPURequestDeviceCallbackInfo){.mode = WGPUCallbackMode_WaitAnyOnly,
                                                                      .callback = on_device,
                                                                      .userdata1 = &gwjob_device}));
    if (gwjob_device == NULL) gwjob_fail("there is no device");
    wgpuAdapterRelease(adapter);
    gwjob_queue = wgpuDeviceGetQueue(gwjob_device);
}

WGPUBuffer gwjob_buffer(const char *label, uint64_t size, WGPUBufferUsage usage) {
    WGPUBufferDescriptor descriptor = {.label = view(label), .usage = usage, .size = size};
    return wgpuDeviceCreateBuffer(gwjob_device, &descriptor);
}

WGPUComputePipeline gwjob_pipeline(const char *wgsl, const char *entry, size_t count, const gwjob_constant *constants) {
    WGPUShaderSourceWGSL source = {.chain = {.sType = WGPUSType_ShaderSourceWGSL}, .code = view(wgsl)};
    WGPUShaderModuleDescriptor module = {.nextInChain = &source.chain, .label = view(entry)};
    WGPUShaderModule shader = wgpuDeviceCreateShaderModule(gwjob_device, &module);

    enum { most = 16 };
    WGPUConstantEntry entries[most];
    if (count > most) gwjob_failf("%s: %u constants, want at most %u", entry, (uint32_t)count, most);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (WGPUConstantEntry){.key = view(constants[i].name), .value = constants[i].value};
    }
    WGPUComputePipelineDescriptor descriptor = {
        .label = view(entry),
        .compute = {.module = shader, .entryPoint = view(entry), .constantCount = count, .constants = entries},
    };
    WGPUComputePipeline pipeline = wgpuDeviceCreateComputePipeline(gwjob_device, &descriptor);
    wgpuShaderModuleRelease(shader);
    /* A mistake in the source comes as an error event: hear of it now, not at the first wait. */
    wgpuInstanceProcessEvents(gwjob_instance);
    return pipeline;
}

WGPUBindGroup gwjob_bind(WGPUComputePipeline pipeline, size_t count, const gwjob_binding *bindings) {
    enum { most = 16 };
    WGPUBindGroupEntry entries[most];
    if (count > most) gwjob_failf("a bind group of %u bindings, want at most %u", (uint32_t)count, most);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (WGPUBindGroupEntry){
            .binding = bindings[i].binding,
            .buffer = bindings[i].buffer,
            .offset = bindings[i].offset,
            .size = bindings[i].size != 0 ? bindings[i].size : WGPU_WHOLE_SIZE,
        };
    }
    WGPUBindGroupLayout layout = wgpuComputePipelineGetBindGroupLayout(pipeline, 0);
    WGPUBindGroupDescriptor descriptor = {.layout = layout, .entryCount = count, .entries = entries};
    WGPUBindGroup group = wgpuDeviceCreateBindGroup(gwjob_device, &descriptor);
    wgpuBindGroupLayoutRelease(layout);
    wgpuInstanceProcessEvents(gwjob_instance);
    return group;
}

void gwjob_dispatch(WGPUComputePassEncoder pass, WGPUComputePipeline pipeline, WGPUBindGroup group, uint32_t x, uint32_t y,
                    uint32_t z) {
    wgpuComputePassEncoderSetPipeline(pass, pipeline);
    wgpuComputePassEncoderSetBindGroup(pass, 0, group, 0, NULL);
    wgpuComputePassEncoderDispatchWorkgroups(pass, x, y, z);
}

void gwjob_submit(WGPUCommandEncoder encoder) {
    WGPUCommandBuffer commands = wgpuCommandEncoderFinish(encoder, NULL);
    wgpuCommandEncoderRelease(encoder);
    wgpuQueueSubmit(gwjob_queue, 1, &commands);
    wgpuCommandBufferRelease(commands);
    wgpuInstanceProcessEvents(gwjob_instance);
}

static void on_mapped(WGPUMapAsyncStatus status, WGPUStringView message, void *to, void *unused) {
    (void)message, (void)unused;
    *(WGPUMapAsyncStatus *)to = status;
}

void gwjob_read(WGPUBuffer buffer, uint64_t offset, void *to, size_t size) {
    WGPUBuffer staging = gwjob_buffer("readback", size, WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst);
    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(gwjob_device, NULL);
    wgpuCommandEncoderCopyBufferToBuffer(encoder, buffer, offset, staging, 0, size);
    gwjob_submit(encoder);

    WGPUMapAsyncStatus status = WGPUMapAsyncStatus_Error;
    wait_for(wgpuBufferMapAsync(staging, WGPUMapMode_Read, 0, size,
                                (WGPUBufferMapCallbackInfo){.mode = WGPUCallbackMode_WaitAnyOnly,
                                                            .callback = on_mapped,
                                                            .userdata1 = &status}));
    if (status != WGPUMapAsyncStatus_Success || wgpuBufferReadMappedRange(staging, 0, to, size) != WGPUStatus_Success) {
        gwjob_fail("reading a buffer back failed");
    }
    wgpuBufferUnmap(staging);
    wgpuBufferRelease(staging);
}
