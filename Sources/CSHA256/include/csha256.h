// SPDX-License-Identifier: Apache-2.0

#ifndef CSHA256_H
#define CSHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has instructions for SHA-256: x86's SHA extensions, or those of ARMv8.
bool csha256_is_supported(void);

/// Runs the compression function of FIPS 180-4 section 6.2.2 over whole blocks.
///
/// Only to be called when csha256_is_supported() says so.
///
/// @param state The eight words of the hash value; read and written.
/// @param blocks `count` blocks of 64 bytes each; need no alignment.
void csha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count);

#endif
