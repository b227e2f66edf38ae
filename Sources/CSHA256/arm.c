// SPDX-License-Identifier: Apache-2.0
// SHA-256 with the cryptographic extension of ARMv8 (Arm ARM, section C7.2: SHA256H, SHA256H2, SHA256SU0, SHA256SU1).

#if defined(__aarch64__)

#include "constants.h"
#include "csha256.h"
#include <arm_neon.h>

#if defined(__APPLE__)

bool csha256_is_supported(void) { return true; }

#elif defined(__linux__)

#include <sys/auxv.h>

// HWCAP_SHA2 of <asm/hwcap.h>.
bool csha256_is_supported(void) { return (getauxval(AT_HWCAP) & (1ul << 6)) != 0; }

#else

bool csha256_is_supported(void) { return false; }

#endif

__attribute__((target("sha2")))
void csha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
    for (; count > 0; count--, blocks += 64) {
        const uint32x4_t abcd_before = abcd, efgh_before = efgh;
        // The last sixteen words of the message schedule, four in each.
        uint32x4_t words[4];
        for (int group = 0; group < 16; group++) {
            if (group < 4) {
                words[group] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(blocks + 16 * group)));
            } else {
                const uint32x4_t mixed = vsha256su0q_u32(words[group % 4], words[(group + 1) % 4]);
                words[group % 4] = vsha256su1q_u32(mixed, words[(group + 2) % 4], words[(group + 3) % 4]);
            }
            const uint32x4_t sum = vaddq_u32(words[group % 4], vld1q_u32(round_constants + 4 * group));
            const uint32x4_t abcd_old = abcd;
            abcd = vsha256hq_u32(abcd, efgh, sum);
            efgh = vsha256h2q_u32(efgh, abcd_old, sum);
        }
        abcd = vaddq_u32(abcd, abcd_before);
        efgh = vaddq_u32(efgh, efgh_before);
    }
    vst1q_u32(state, abcd);
    vst1q_u32(state + 4, efgh);
}

#endif
