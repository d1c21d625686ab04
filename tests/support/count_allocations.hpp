// Replaces operator new and delete of the whole program, and counts. One file of a program includes it.
#pragma once

#include <cstdlib>
#include <new>
#include <string_view>
#ifdef _WIN32
#    include <malloc.h>
#endif

namespace counting {

/// What this thread has allocated; tests set them back as they like.
inline thread_local long allocations = 0;
/// Of those the ones that are larger than `small`: frames are. Of smaller pieces Botan's pool of locked memory takes
/// now more and now fewer for its own books.
inline thread_local long large = 0;
inline constexpr std::size_t small = 512;

/// So many allocations of this thread still succeed; -1: all.
inline thread_local long fail_after = -1;
/// Of those that are at least so large; smaller ones always succeed.
inline thread_local std::size_t fail_from = 0;

/// How many freed pieces of memory still contained `looked_for`.
inline char const* looked_for = nullptr;
inline long seen_at_free = 0;

struct alignas(16) piece {
    std::size_t size;
};

inline void count(std::size_t size) {
    if (size >= fail_from && fail_after == 0) throw std::bad_alloc{};
    if (size >= fail_from && fail_after > 0) --fail_after;
    ++allocations;
    large += size > small;
}

inline void* allocate(std::size_t size) {
    count(size);
    auto* const p = static_cast<piece*>(std::malloc(size + sizeof(piece)));
    if (!p) throw std::bad_alloc{};
    p->size = size;
    return p + 1;
}

inline void* allocate(std::size_t size, std::align_val_t alignment) {
    count(size);
    auto const a = static_cast<std::size_t>(alignment);
#ifdef _WIN32
    auto* const p = _aligned_malloc(size, a);
#else
    auto* const p = std::aligned_alloc(a, (size + a - 1) / a * a);
#endif
    if (!p) throw std::bad_alloc{};
    return p;
}

inline void release_aligned(void* memory) noexcept {
#ifdef _WIN32
    _aligned_free(memory);
#else
    std::free(memory);
#endif
}

inline void* allocate_or_null(std::size_t size) noexcept {
    try {
        return allocate(size);
    } catch (std::bad_alloc const&) { return nullptr; }
}

inline void release(void* memory) noexcept {
    if (!memory) return;
    auto* const p = static_cast<piece*>(memory) - 1;
    if (looked_for &&
        std::string_view{static_cast<char const*>(memory), p->size}.find(looked_for) != std::string_view::npos)
        ++seen_at_free;
    std::free(p);
}

} // namespace counting

void* operator new(std::size_t size) { return counting::allocate(size); }
void* operator new[](std::size_t size) { return counting::allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counting::allocate(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return counting::allocate(size, alignment); }
// The sanitizers' own would not call those above.
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return counting::allocate_or_null(size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return counting::allocate_or_null(size); }
void operator delete(void* p, std::nothrow_t const&) noexcept { counting::release(p); }
void operator delete[](void* p, std::nothrow_t const&) noexcept { counting::release(p); }
void operator delete(void* p) noexcept { counting::release(p); }
void operator delete[](void* p) noexcept { counting::release(p); }
void operator delete(void* p, std::size_t) noexcept { counting::release(p); }
void operator delete[](void* p, std::size_t) noexcept { counting::release(p); }
void operator delete(void* p, std::align_val_t) noexcept { counting::release_aligned(p); }
void operator delete[](void* p, std::align_val_t) noexcept { counting::release_aligned(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { counting::release_aligned(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { counting::release_aligned(p); }
