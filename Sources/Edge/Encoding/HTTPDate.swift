// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Dates in HTTP headers (RFC 9110 section 5.6.7), as seconds since 1970.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Writes the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func format(secondsSinceEpoch: Int64) -> String {
        var seconds = time_t(secondsSinceEpoch)
        var date = tm()
        gmtime_r(&seconds, &date)
        var text = days[Int(date.tm_wday)]
        text.reserveCapacity(32)
        text += ", "
        append(date.tm_mday, to: &text)
        text += " "
        text += months[Int(date.tm_mon)]
        text += " "
        text += String(1900 + Int(date.tm_year))
        text += " "
        append(date.tm_hour, to: &text)
        text += ":"
        append(date.tm_min, to: &text)
        text += ":"
        append(date.tm_sec, to: &text)
        text += " GMT"
        return text
    }

    /// Appends two digits.
    private static func append(_ number: Int32, to text: inout String) {
        if number < 10 { text += "0" }
        text += String(number)
    }

    /// Reads a date in the preferred form or in one of the two obsolete ones that recipients must still read; nil when
    /// the text is none.
    package static func parse(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard let weekday = words.first, days.contains(where: { weekday.hasPrefix($0) }) else { return nil }
        switch words.count {
        case 6 where words[5] == "GMT":
            return seconds(day: words[1], month: words[2], year: number(words[3], in: 0...9999), time: words[4])
        case 5:
            return seconds(day: words[2], month: words[1], year: number(words[4], in: 0...9999), time: words[3])
        case 4 where words[3] == "GMT":
            let date = words[1].split(separator: "-")
            guard date.count == 3, let year = number(date[2], in: 0...99) else { return nil }
            // Two digits stand for a year of the last half of one century or the first half of the next.
            return seconds(day: date[0], month: date[1], year: year + (year < 70 ? 2000 : 1900), time: words[2])
        default:
            return nil
        }
    }

    private static func seconds(day: Substring, month: Substring, year: Int32?, time: Substring) -> Int64? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let year, let day = number(day, in: 1...31), let month = months.firstIndex(where: { month == $0 }),
            parts.count == 3, let hour = number(parts[0], in: 0...23), let minute = number(parts[1], in: 0...59),
            let second = number(parts[2], in: 0...60)
        else { return nil }
        var date = tm()
        (date.tm_mday, date.tm_mon, date.tm_year) = (day, Int32(month), year - 1900)
        (date.tm_hour, date.tm_min, date.tm_sec) = (hour, minute, second)
        return Int64(timegm(&date))
    }

    private static func number(_ text: Substring, in range: ClosedRange<Int32>) -> Int32? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int32(text), range.contains(number)
        else { return nil }
        return number
    }
}
