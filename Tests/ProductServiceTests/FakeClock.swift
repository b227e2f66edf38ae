// SPDX-License-Identifier: Apache-2.0

import ServiceTesting

/// A wall clock that a test sets, for a service that is started with it. The monotonic clock is left alone.
struct FakeClock {
    private let path: String

    init(in folder: TemporaryFolder) throws {
        path = folder("offset")
        try set("+0")
    }

    /// What the service is started with.
    var environment: [String: String] {
        ["FAKETIME_TIMESTAMP_FILE": path, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"]
    }

    /// The command faketime would fix the offset. The library grows the environment of the first process that loads it,
    /// behind which Swift then does not find its arguments: nice goes first.
    var launcher: [String] {
        ["sh", "-c", "LD_PRELOAD=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1) exec nice -n 0 \"$@\"", "sh"]
    }

    /// Sets the clock: `-3600` for an hour back, `@2026-10-25 02:59:59` for a moment.
    func set(_ offset: String) throws { try "\(offset)\n".write(toFile: path, atomically: true, encoding: .utf8) }
}
