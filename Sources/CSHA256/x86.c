// SPDX-License-Identifier: Apache-2.0
// SHA-256 with the SHA extensions of x86 (Intel SDM volume 1, section 10.2.2: SHA256RNDS2, SHA256MSG1, SHA256MSG2).

#if defined(__x86_64__)

#include "constants.h"
#include "csha256.h"
#include <cpuid.h>
#include <immintrin.h>

bool csha256_is_supported(void) {
    unsigned a, b, c, d;
    // SSSE3 and SSE4.1, which the code below shuffles and blends with.
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 9)) || !(c & (1u << 19))) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

__attribute__((target("sha,sse4.1,ssse3")))
void csha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    // The instructions want the words as ABEF and CDGH, from the highest lane down.
    __m128i dcba = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(dcba, hgfe, 8);
    __m128i cdgh = _mm_blend_epi16(hgfe, dcba, 0xf0);

    for (; count > 0; count--, blocks += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        // The last sixteen words of the message schedule, four in each.
        __m128i words[4];
        for (int group = 0; group < 16; group++) {
            __m128i current;
            if (group < 4) {
                current = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks + 16 * group)), big_endian);
            } else {
                const __m128i first = words[group % 4], second = words[(group + 1) % 4];
                const __m128i third = words[(group + 2) % 4], fourth = words[(group + 3) % 4];
                // W[t-16] + s0(W[t-15]), + W[t-7], + s1(W[t-2]).
                current = _mm_sha256msg1_epu32(first, second);
                current = _mm_add_epi32(current, _mm_alignr_epi8(fourth, third, 4));
                current = _mm_sha256msg2_epu32(current, fourth);
            }
            words[group % 4] = current;
            __m128i sum = _mm_add_epi32(current, _mm_load_si128((const __m128i *)(round_constants + 4 * group)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif
