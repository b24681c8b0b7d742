/* The smallest whole job: reads inputs x and y (little-endian f32), computes a*x + y on the device, writes output y.
 * Argument a=NUMBER (default 2). */
#include "gwjob.h"
#include "kernels.h"

static uint32_t chunk[16384];

/* Uploads a whole input through a small chunk of memory, so that its size is bounded by the device alone. */
static WGPUBuffer upload(const char *name, uint32_t input, uint64_t size, WGPUBufferUsage usage) {
    WGPUBuffer buffer = gwjob_buffer(name, size, usage | WGPUBufferUsage_Storage | WGPUBufferUsage_CopyDst);
    for (uint64_t at = 0; at < size;) {
        uint32_t n = gw_input_read(input, at, chunk, sizeof chunk);
        wgpuQueueWriteBuffer(gwjob_queue, buffer, at, chunk, n);
        at += n;
    }
    return buffer;
}

GW_EXPORT(gw_step) int32_t gw_step(void) {
    uint32_t x_input = gwjob_input("x"), y_input = gwjob_input("y");
    uint64_t size = gw_input_len(x_input);
    if (size == 0 || size % 4 != 0 || size > 64 << 20) gwjob_fail("input x: want 1 to 16777216 floats of 4 bytes");
    if (gw_input_len(y_input) != size) gwjob_fail("input y: not as long as x");
    gwjob_constant constants[] = {{"a", gwjob_arg_f32("a", 2, 0, 1e6f)}};

    gwjob_open();
    WGPUBuffer x = upload("x", x_input, size, 0);
    WGPUBuffer y = upload("y", y_input, size, WGPUBufferUsage_CopySrc);
    WGPUComputePipeline pipeline = gwjob_pipeline(saxpy_wgsl, "saxpy", 1, constants);
    WGPUBindGroup group = gwjob_bind(pipeline, 2, (gwjob_binding[]){{.binding = 0, .buffer = x}, {.binding = 1, .buffer = y}});

    WGPUCommandEncoder encoder = wgpuDeviceCreateCommandEncoder(gwjob_device, NULL);
    WGPUComputePassEncoder pass = wgpuCommandEncoderBeginComputePass(encoder, NULL);
    uint32_t groups = (uint32_t)((size / 4 + 63) / 64);
    gwjob_dispatch(pass, pipeline, group, groups, 1, 1);
    wgpuComputePassEncoderEnd(pass);
    wgpuComputePassEncoderRelease(pass);
    gwjob_submit(encoder);

    for (uint64_t at = 0; at < size; at += sizeof chunk) {
        uint32_t n = size - at < sizeof chunk ? (uint32_t)(size - at) : sizeof chunk;
        gwjob_read(y, at, chunk, n);
        gw_output_write("y", 1, chunk, n);
    }
    return GW_DONE;
}
