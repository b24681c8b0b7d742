/* For programs that include "webgpu-headers/webgpu.h", as those of wgpu-native do. */
#include "../webgpu.h"
