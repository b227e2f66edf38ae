// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The `Date` field of answers (RFC 9110 section 6.6.1), made anew only when the second changes.
struct DateLine {
    private var second: time_t = -1
    private var line: [UInt8] = []

    /// The line, with its end.
    mutating func current() -> [UInt8] {
        let now = time(nil)
        if now != second {
            second = now
            line = Array("Date: \(HTTPDate.format(secondsSinceEpoch: Int64(now)))\r\n".utf8)
        }
        return line
    }
}
