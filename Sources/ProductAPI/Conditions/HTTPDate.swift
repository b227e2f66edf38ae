// SPDX-License-Identifier: Apache-2.0

import Products

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Dates in HTTP headers, in the form that is preferred: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func format(_ timestamp: Timestamp) -> String {
        var seconds = time_t(timestamp.secondsSinceEpoch)
        var date = tm()
        gmtime_r(&seconds, &date)
        let day = "\(days[Int(date.tm_wday)]), \(padded(date.tm_mday)) \(months[Int(date.tm_mon)])"
        let time = "\(padded(date.tm_hour)):\(padded(date.tm_min)):\(padded(date.tm_sec))"
        return "\(day) \(1900 + Int(date.tm_year)) \(time) GMT"
    }

    /// Nil when the text is no date in the preferred form.
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", days.contains(where: { parts[0] == "\($0)," }),
            let day = number(parts[1], in: 1...31), let month = months.firstIndex(where: { parts[2] == $0 }),
            let year = number(parts[3], in: 1970...9999)
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], in: 0...23), let minute = number(time[1], in: 0...59),
            let second = number(time[2], in: 0...60)
        else { return nil }
        var date = tm()
        (date.tm_mday, date.tm_mon, date.tm_year) = (day, Int32(month), year - 1900)
        (date.tm_hour, date.tm_min, date.tm_sec) = (hour, minute, second)
        return Timestamp(secondsSinceEpoch: Int64(timegm(&date)))
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func number(_ text: Substring, in range: ClosedRange<Int32>) -> Int32? {
        let width = range.upperBound > 99 ? 4 : 2
        guard text.utf8.count == width, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int32(text), range.contains(number)
        else { return nil }
        return number
    }
}
