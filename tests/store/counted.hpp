#pragma once

// Counts how many of its kind live, so that a frame that is lost, or destroyed twice, is seen.
struct counted {
    explicit counted(int& count) : at{&count} { ++*at; }
    counted(counted const& other) : at{other.at} { ++*at; }
    counted& operator=(counted const&) = default;
    ~counted() { --*at; }
    int* at;
};
