/* A job without a GPU: ten steps that change memory, a global, the log, outputs and the random stream. */
#include <gw.h>

static uint32_t cells[1 << 16];
static uint32_t x;
static uint32_t n;

GW_EXPORT(gw_init) void gw_init(void) {
    x = (uint32_t)gw_seed() | 1;
    if (gw_step_index() != 0) __builtin_trap();
}

static void put(const char *name, uint32_t len, const void *p, uint32_t size) { gw_output_write(name, len, p, size); }

GW_EXPORT(gw_step) int gw_step(void) {
    n++;
    if (gw_step_index() != n) return 7;
    for (int i = 0; i < 1000; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        cells[x & 0xffff] += x;
    }
    if (gw_input_count() > 0) {
        char b[8];
        uint32_t k = gw_input_read(0, n, b, sizeof b);
        put("echo", 4, b, k);
    }
    put("x", 1, &x, 4);
    gw_log("step", 4);
    gw_progress(n / 10.0, "counting", 8);
    if (n == 5) __builtin_wasm_memory_grow(0, 1);
    return n < 10 ? GW_AGAIN : GW_DONE;
}
