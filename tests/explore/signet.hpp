// signet's headers with explored types in place of std::atomic, std::mutex, std::condition_variable and
// std::this_thread. In a program of its own that links no other code of signet: everything is compiled here,
// header-only.
#pragma once

#include "explorer.hpp"

// Standard and third-party headers first, which mean the real ones.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <coroutine>
#include <cstring>
#include <deque>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

// The seeds of hash tables, the same in every run: a run that is repeated must do the same.
namespace std {
struct explored_random_device {
    unsigned operator()() noexcept { return 0x5a5a5a5a; }
};
} // namespace std
#define random_device explored_random_device
#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#undef random_device

#define atomic explored_atomic
#define condition_variable explored_condition_variable
#define mutex explored_mutex
#define this_thread explored_this_thread
#include <signet/jwt.hpp>
#include <signet/proof/replay.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/pool.hpp>
#undef atomic
#undef condition_variable
#undef mutex
#undef this_thread
