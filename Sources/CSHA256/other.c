// SPDX-License-Identifier: Apache-2.0
// For processors without instructions for SHA-256 that are known here.

#if !defined(__x86_64__) && !defined(__aarch64__)

#include "csha256.h"
#include <stdlib.h>

bool csha256_is_supported(void) { return false; }

void csha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    (void)state, (void)blocks, (void)count;
    abort();
}

#endif
