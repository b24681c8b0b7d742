/* For programs that include <webgpu/webgpu.h>. */
#include "../webgpu.h"
