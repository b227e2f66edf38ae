// SPDX-License-Identifier: Apache-2.0

#ifndef CHIREDIS_H
#define CHIREDIS_H

// The reply reader of hiredis 0.14 and 1.x behind one set of C functions: what differs between the versions (counts that
// are int or size_t, callbacks for types of RESP3) stays in the implementation.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CHIREDIS_STRING = 1,
    CHIREDIS_STATUS = 2,
    CHIREDIS_ERROR = 3,
    CHIREDIS_INTEGER = 4,
    CHIREDIS_NIL = 5,
} chiredis_kind;

/// Takes what a reader reads. Each function returns whether to go on: with false, the reader is at its end.
typedef struct {
    /// A value that is no array. The bytes are valid during the call alone; NULL for integers and nil.
    bool (*value)(void *context, chiredis_kind kind, const char *bytes, size_t length, int64_t integer);
    /// The beginning of an array: so many values follow, arrays among them.
    bool (*array)(void *context, size_t count);
} chiredis_sink;

typedef struct chiredis_reader chiredis_reader;

/// Returns NULL when there is no memory. The caller frees the reader, and keeps the context valid until then.
chiredis_reader *chiredis_reader_create(chiredis_sink sink, void *context);
void chiredis_reader_free(chiredis_reader *reader);

/// Copies bytes into the reader. Returns whether it took them.
bool chiredis_reader_feed(chiredis_reader *reader, const char *bytes, size_t length);

typedef enum {
    CHIREDIS_INCOMPLETE = 0,
    CHIREDIS_REPLY = 1,
    CHIREDIS_FAILED = 2,
} chiredis_outcome;

/// Reads on to the end of one reply.
chiredis_outcome chiredis_reader_next(chiredis_reader *reader);

/// What is wrong after CHIREDIS_FAILED; valid as long as the reader.
const char *chiredis_reader_failure(const chiredis_reader *reader);

/// How many bytes it holds that are part of no whole reply yet, or of replies that were read a moment ago.
size_t chiredis_reader_held(const chiredis_reader *reader);

#endif
