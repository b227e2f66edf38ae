// SPDX-License-Identifier: Apache-2.0

// Point selects one after the other with libpq's blocking call: what one caller can have at best.
//
// usage: loop URL SECONDS ROWS     prints statements per second
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: loop URL SECONDS ROWS\n"), 64;
    PGconn *connection = PQconnectdb(arguments[1]);
    if (PQstatus(connection) != CONNECTION_OK) return fprintf(stderr, "%s", PQerrorMessage(connection)), 1;
    PQclear(PQprepare(connection, "point", "select id, payload from bench where id = $1", 0, NULL));
    double end = now() + atof(arguments[2]), start = now();
    long rows = atol(arguments[3]), statements = 0;
    uint64_t random = 88172645463325252ull;
    while (now() < end) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        uint64_t id = __builtin_bswap64(random % rows + 1);
        const char *value = (const char *)&id;
        int length = 8, format = 1;
        PGresult *result = PQexecPrepared(connection, "point", 1, &value, &length, &format, 1);
        if (PQntuples(result) != 1) return fprintf(stderr, "no row: %s", PQerrorMessage(connection)), 1;
        PQclear(result);
        statements++;
    }
    printf("%.0f\n", statements / (now() - start));
    PQfinish(connection);
    return 0;
}
