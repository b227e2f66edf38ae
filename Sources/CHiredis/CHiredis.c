// SPDX-License-Identifier: Apache-2.0

#include "CHiredis.h"

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#else
#error "hiredis/hiredis.h is missing: install libhiredis-dev (Debian, Ubuntu), hiredis-devel (Fedora) or hiredis (Homebrew)"
#endif

#include <stdlib.h>

struct chiredis_reader {
    redisReader *reader;
    chiredis_sink sink;
    void *context;
};

// What the functions below return for an object: hiredis looks only whether it is NULL.
static char object;

static void *object_if(bool goes_on) { return goes_on ? &object : NULL; }

static void *create_string(const redisReadTask *task, char *bytes, size_t length) {
    chiredis_reader *self = task->privdata;
    chiredis_kind kind;
    switch (task->type) {
    case REDIS_REPLY_STRING: kind = CHIREDIS_STRING; break;
    case REDIS_REPLY_STATUS: kind = CHIREDIS_STATUS; break;
    case REDIS_REPLY_ERROR: kind = CHIREDIS_ERROR; break;
    default: return NULL; // A type of RESP3, which was not asked for.
    }
    return object_if(self->sink.value(self->context, kind, bytes, length, 0));
}

#if HIREDIS_MAJOR >= 1
static void *create_array(const redisReadTask *task, size_t count) {
#else
static void *create_array(const redisReadTask *task, int count) {
    if (count < 0) return NULL;
#endif
    chiredis_reader *self = task->privdata;
    if (task->type != REDIS_REPLY_ARRAY) return NULL;
    return object_if(self->sink.array(self->context, (size_t)count));
}

static void *create_integer(const redisReadTask *task, long long value) {
    chiredis_reader *self = task->privdata;
    return object_if(self->sink.value(self->context, CHIREDIS_INTEGER, NULL, 0, value));
}

static void *create_nil(const redisReadTask *task) {
    chiredis_reader *self = task->privdata;
    return object_if(self->sink.value(self->context, CHIREDIS_NIL, NULL, 0, 0));
}

#if HIREDIS_MAJOR >= 1
static void *create_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)task, (void)value, (void)bytes, (void)length;
    return NULL;
}

static void *create_bool(const redisReadTask *task, int value) {
    (void)task, (void)value;
    return NULL;
}
#endif

static void free_object(void *freed) { (void)freed; }

static redisReplyObjectFunctions functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
#if HIREDIS_MAJOR >= 1
    .createDouble = create_double,
    .createBool = create_bool,
#endif
    .freeObject = free_object,
};

chiredis_reader *chiredis_reader_create(chiredis_sink sink, void *context) {
    chiredis_reader *self = malloc(sizeof *self);
    if (self == NULL) return NULL;
    self->reader = redisReaderCreateWithFunctions(&functions);
    if (self->reader == NULL) {
        free(self);
        return NULL;
    }
    self->sink = sink;
    self->context = context;
    self->reader->privdata = self;
    // The buffer is kept between replies, however large: what comes in is bounded by the caller.
    self->reader->maxbuf = 0;
#if HIREDIS_MAJOR >= 1
    self->reader->maxelements = 0; // The sink bounds them.
#endif
    return self;
}

void chiredis_reader_free(chiredis_reader *reader) {
    if (reader == NULL) return;
    redisReaderFree(reader->reader);
    free(reader);
}

bool chiredis_reader_feed(chiredis_reader *reader, const char *bytes, size_t length) {
    return redisReaderFeed(reader->reader, bytes, length) == REDIS_OK;
}

chiredis_outcome chiredis_reader_next(chiredis_reader *reader) {
    void *reply = NULL; // Without an out pointer, hiredis would free the reply through the functions.
    if (redisReaderGetReply(reader->reader, &reply) != REDIS_OK) return CHIREDIS_FAILED;
    return reply == NULL ? CHIREDIS_INCOMPLETE : CHIREDIS_REPLY;
}

const char *chiredis_reader_failure(const chiredis_reader *reader) { return reader->reader->errstr; }

size_t chiredis_reader_held(const chiredis_reader *reader) { return reader->reader->len - reader->reader->pos; }
