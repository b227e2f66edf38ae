// SPDX-License-Identifier: Apache-2.0

/// How the text of a setting becomes a value.
package struct ConfigurationValueKind<Value> {
    /// What the text must be, to stand behind "must be".
    package let requirement: String
    /// Returns nil when the text is something else.
    package let parse: (String) -> Value?

    package init(requirement: String, parse: @escaping (String) -> Value?) {
        self.requirement = requirement
        self.parse = parse
    }
}

extension ConfigurationValueKind<String> {
    package static var text: Self {
        Self(requirement: "text that is not empty") { $0.isEmpty ? nil : $0 }
    }
}

extension ConfigurationValueKind<Bool> {
    package static var onOff: Self {
        Self(requirement: "on or off") { text in
            switch text {
            case "on": true
            case "off": false
            default: nil
            }
        }
    }
}

extension ConfigurationValueKind<Int> {
    /// A TCP port; 0 lets the system choose a free one.
    package static var port: Self {
        Self(requirement: "a port number from 0 to 65535") { text in
            Int(text).flatMap { (0...65535).contains($0) ? $0 : nil }
        }
    }

    /// A whole number.
    package static func count(in range: ClosedRange<Int>) -> Self {
        Self(requirement: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number of bytes: a plain number, or one with `KiB`, `MiB` or `GiB` behind it.
    package static func byteCount(in range: ClosedRange<Int>) -> Self {
        Self(
            requirement:
                "a number of bytes such as 65536, 64KiB or 1MiB, from \(range.lowerBound) to \(range.upperBound)"
        ) {
            text in
            let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1)]
            guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }),
                let count = Int(text.dropLast(suffix.count))
            else { return nil }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
            return !overflow && range.contains(bytes) ? bytes : nil
        }
    }
}

extension ConfigurationValueKind<Duration> {
    /// A length of time: a whole number with `ms`, `s`, `m` or `h` behind it.
    package static func duration(in range: ClosedRange<Duration>) -> Self {
        Self(requirement: "a length of time such as 250ms, 5s or 2m, from \(range.lowerBound) to \(range.upperBound)") {
            text in
            let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
            guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }),
                let count = Int64(text.dropLast(suffix.count)), (0..<1 << 32).contains(count)
            else { return nil }
            let duration = Duration.milliseconds(count * factor)
            return range.contains(duration) ? duration : nil
        }
    }
}
