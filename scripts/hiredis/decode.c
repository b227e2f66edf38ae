// SPDX-License-Identifier: Apache-2.0
// Reads replies from standard input, one byte at a time, and prints what the shim over hiredis calls back with.

#include "CHiredis.h"

#include <inttypes.h>
#include <stdio.h>

static bool print_value(void *context, chiredis_kind kind, const char *bytes, size_t length, int64_t integer) {
    (void)context;
    static const char *names[] = {"", "string", "status", "error", "integer", "nil"};
    if (kind == CHIREDIS_INTEGER) printf("integer %" PRId64 "\n", integer);
    else printf("%s %.*s\n", names[kind], (int)length, bytes == NULL ? "" : bytes);
    return true;
}

static bool print_array(void *context, size_t count) {
    (void)context;
    printf("array %zu\n", count);
    return count < 1000;
}

int main(void) {
    chiredis_reader *reader = chiredis_reader_create((chiredis_sink){print_value, print_array}, NULL);
    int byte;
    while ((byte = getchar()) != EOF) {
        char character = (char)byte;
        if (!chiredis_reader_feed(reader, &character, 1)) return 1;
        chiredis_outcome outcome = chiredis_reader_next(reader);
        if (outcome == CHIREDIS_REPLY) printf("reply, %zu held\n", chiredis_reader_held(reader));
        if (outcome == CHIREDIS_FAILED) {
            printf("failed\n");
            break;
        }
    }
    chiredis_reader_free(reader);
    return 0;
}
