// SPDX-License-Identifier: Apache-2.0

// Reads of one value of 512 bytes with hiredis' blocking calls: as many callers as told, each a thread, that take turns on
// a pool of at most 16 connections. What a service does that has a pool.
//
// usage: pool PORT SECONDS CALLERS     prints commands per second
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POOL = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned = PTHREAD_COND_INITIALIZER;
static redisContext *idle[POOL];
static int idle_count;
static atomic_long commands;
static double end;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static void *call(void *unused) {
    (void)unused;
    long count = 0;
    while (now() < end) {
        pthread_mutex_lock(&lock);
        while (idle_count == 0) pthread_cond_wait(&returned, &lock);
        redisContext *context = idle[--idle_count];
        pthread_mutex_unlock(&lock);
        redisReply *reply = redisCommand(context, "GET bench");
        if (reply == NULL || reply->type != REDIS_REPLY_STRING || reply->len != 512) abort();
        freeReplyObject(reply);
        count++;
        pthread_mutex_lock(&lock);
        idle[idle_count++] = context;
        pthread_cond_signal(&returned);
        pthread_mutex_unlock(&lock);
    }
    commands += count;
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: pool PORT SECONDS CALLERS\n"), 64;
    int callers = atoi(arguments[3]);
    for (idle_count = 0; idle_count < (callers < POOL ? callers : POOL); idle_count++) {
        idle[idle_count] = redisConnect("127.0.0.1", atoi(arguments[1]));
        if (idle[idle_count] == NULL || idle[idle_count]->err) return fprintf(stderr, "no connection\n"), 1;
    }
    char value[513];
    memset(value, 'x', 512), value[512] = 0;
    freeReplyObject(redisCommand(idle[0], "SET bench %s", value));
    double start = now();
    end = start + atof(arguments[2]);
    pthread_t threads[callers];
    for (int i = 0; i < callers; i++) pthread_create(&threads[i], NULL, call, NULL);
    for (int i = 0; i < callers; i++) pthread_join(threads[i], NULL);
    printf("%.0f\n", commands / (now() - start));
    return 0;
}
