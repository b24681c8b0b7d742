/* jobname: reads the numbers of input x, multiplies them by the argument factor on the device, and writes them to output y. */
#include "gwtensor.h"

/* What lasts from one step to the next is memory, globals and tensors. */
enum { step_numbers = 512 };
static uint32_t n, done;
static float factor, numbers[step_numbers];

/* Called once, before the first step. */
GW_EXPORT(gw_init) void gw_init(void) {
    uint64_t size = gw_input_len(gwjob_input("x"));
    if (size == 0 || size % 4 != 0 || size > 1 << 30) {
        gwjob_failf("input x: %llu bytes, want a multiple of 4 up to 2^30", (unsigned long long)size);
    }
    n = (uint32_t)(size / 4);
    factor = gwjob_arg_f32("factor", 2, 0, 1000);
    gwjob_open();
}

/* Called until it returns GW_DONE. Each step does a part of the work: here 512 numbers. The host may stop the job between two
 * steps and go on elsewhere. */
GW_EXPORT(gw_step) int32_t gw_step(void) {
    uint32_t count = n - done < step_numbers ? n - done : step_numbers;
    gwjob_input_read("x", (uint64_t)done * 4, numbers, count * 4);

    gwt_begin();
    gw_tensor x = gwt_from_f32(GWT_SHAPE(count), numbers);
    gw_tensor y = gwt_scale(x, factor);
    gwt_read_f32(y, numbers);
    gwt_end();

    gwjob_output("y", numbers, count * 4);
    done += count;
    gwjob_progressf((double)done / n, "%u of %u numbers", done, n);
    return done < n ? GW_AGAIN : GW_DONE;
}
