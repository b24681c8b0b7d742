// A C++ program with what its library has without threads and exceptions.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>
#include <vector>
#include <webgpu/webgpu.h>

struct Counted {
    explicit Counted(std::string n) : name(std::move(n)) {}
    ~Counted() { std::cout << name << " is gone\n"; }
    std::string name;
};

static Counted global("the global");

int main() {
    std::map<std::string, int> words;
    std::ifstream in("data/words.txt");
    for (std::string w; in >> w;) words[w]++;
    for (auto const &[w, n] : words) std::cout << w << ": " << n << "\n";
    std::vector<double> v(10);
    std::iota(v.begin(), v.end(), 1.0);
    std::cout << "sum " << std::accumulate(v.begin(), v.end(), 0.0) << std::endl;
    auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::cout << "slept " << std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count() << " ms\n";
    auto shared = std::make_shared<Counted>("the shared one");

    WGPUInstance instance = wgpuCreateInstance(nullptr);
    struct State {
        WGPUAdapter adapter = nullptr;
        WGPUDevice device = nullptr;
    } state;
    wgpuInstanceRequestAdapter(instance, nullptr, {nullptr, WGPUCallbackMode_AllowSpontaneous,
        [](WGPURequestAdapterStatus, WGPUAdapter a, WGPUStringView, void *s, void *) { static_cast<State *>(s)->adapter = a; }, &state, nullptr});
    wgpuAdapterRequestDevice(state.adapter, nullptr, {nullptr, WGPUCallbackMode_AllowSpontaneous,
        [](WGPURequestDeviceStatus, WGPUDevice d, WGPUStringView, void *s, void *) { static_cast<State *>(s)->device = d; }, &state, nullptr});
    WGPUBufferDescriptor desc = WGPU_BUFFER_DESCRIPTOR_INIT;
    desc.size = 64;
    desc.usage = WGPUBufferUsage_MapWrite | WGPUBufferUsage_CopySrc;
    WGPUBuffer buffer = wgpuDeviceCreateBuffer(state.device, &desc);
    std::function<void(WGPUMapAsyncStatus)> mapped = [&](WGPUMapAsyncStatus s) { std::cout << "mapped with status " << s << "\n"; };
    wgpuBufferMapAsync(buffer, WGPUMapMode_Write, 0, WGPU_WHOLE_MAP_SIZE, {nullptr, WGPUCallbackMode_AllowSpontaneous,
        [](WGPUMapAsyncStatus s, WGPUStringView, void *f, void *) { (*static_cast<std::function<void(WGPUMapAsyncStatus)> *>(f))(s); }, &mapped, nullptr});
    auto *bytes = static_cast<uint8_t *>(wgpuBufferGetMappedRange(buffer, 0, 64));
    std::fill_n(bytes, 64, 7);
    wgpuBufferUnmap(buffer);
    std::ofstream("out.txt") << "written by C++\n";
    return 0;
}
