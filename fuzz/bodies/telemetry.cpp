// Batches of telemetry: what is read keeps the limits, is written, and is read as the same again.
#include <signet/device/telemetry.hpp>

#include <cstdlib>

using namespace signet;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const batch = device::read_telemetry({reinterpret_cast<char const*>(data), size});
    if (!batch) return 0;
    if (batch->events.empty() || batch->events.size() > device::max_telemetry_events) std::abort();
    for (auto const& e : batch->events)
        if (e.type.empty() || e.type.size() > device::max_telemetry_type || e.data.size() > device::max_telemetry_data)
            std::abort();
    auto const json = device::write_telemetry(*batch);
    if (!json) std::abort();
    auto const again = device::read_telemetry(*json);
    if (!again || *again != *batch) std::abort();
    return 0;
}
