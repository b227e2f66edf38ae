// SPDX-License-Identifier: Apache-2.0

#ifndef CPOSTGRES_SHIM_H
#define CPOSTGRES_SHIM_H

// libpq 14 or newer, wherever the system keeps its header: Debian has it in a folder of its own.
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#error "libpq-fe.h is missing: install libpq-dev (Debian, Ubuntu), postgresql-devel (Fedora) or libpq (Homebrew)"
#endif

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq is too old: version 14 or newer is needed, for its pipeline mode"
#endif

#endif
