/* For programs that include <webgpu/wgpu.h>. */
#include "../wgpu.h"
