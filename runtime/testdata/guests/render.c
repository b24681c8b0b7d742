/* Calls what a job does not have, declared by itself as another copy of webgpu.h would. */
void *wgpuDeviceCreateTexture(void *device, void *descriptor);
#ifdef START
void _start(void) { wgpuDeviceCreateTexture(0, 0); }
#else
int main(void) { return wgpuDeviceCreateTexture(0, 0) != 0; }
#endif
