// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A moment in UTC with milliseconds, as RFC 3339 writes it: `2026-11-22T23:12:02.123Z`.
///
/// The part up to the second is kept, and only made anew when the second changes.
struct LogTimestamp {
    private var second: Int = .min
    private var upToSecond: [UInt8] = []

    /// The moment now, in seconds and nanoseconds since 1970.
    static func now() -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }

    mutating func append(_ moment: timespec, to bytes: inout [UInt8]) {
        if moment.tv_sec != second {
            second = moment.tv_sec
            upToSecond = Self.format(second: moment.tv_sec)
        }
        bytes.append(contentsOf: upToSecond)
        Self.append(UInt(moment.tv_nsec / 1_000_000), digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func format(second: Int) -> [UInt8] {
        var time = time_t(second)
        var date = tm()
        gmtime_r(&time, &date)
        var bytes: [UInt8] = []
        append(UInt(max(0, 1900 + Int(date.tm_year))), digits: 4, to: &bytes)
        for (separator, value) in [
            ("-", date.tm_mon + 1), ("-", date.tm_mday), ("T", date.tm_hour), (":", date.tm_min), (":", date.tm_sec),
        ] {
            bytes.append(contentsOf: separator.utf8)
            append(UInt(value), digits: 2, to: &bytes)
        }
        bytes.append(UInt8(ascii: "."))
        return bytes
    }

    private static func append(_ number: UInt, digits: Int, to bytes: inout [UInt8]) {
        var divisor = (1..<digits).reduce(UInt(1)) { product, _ in product * 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
