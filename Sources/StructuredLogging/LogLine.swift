// SPDX-License-Identifier: Apache-2.0

import Logging

/// One line of the log while it is being written, straight into the writer's buffer: no allocation but that buffer's.
///
/// Every string is cut at a limit, and whatever could break a line or a terminal is escaped: control characters,
/// quotes, backslashes, U+2028 and U+2029. Strings are valid UTF-8 by their type. Not thread-safe; lives inside
/// ``LogWriter/write(_:_:logger:_:)``.
public struct LogLine {
    var bytes: [UInt8]
    let format: LogFormat
    /// Where the line began in the buffer.
    private let start: Int
    /// How many more values a nested one may have, all in all.
    private var nestedCount = 0

    init(bytes: [UInt8], format: LogFormat) {
        self.bytes = bytes
        self.format = format
        start = bytes.count
    }

    /// How many bytes of text the line has room for.
    var room: Int { max(0, Self.maximumLength - (bytes.count - start)) }

    /// How many UTF-8 bytes of a message, and of any other string, are written.
    static let maximumMessageLength = 8192
    static let maximumValueLength = 1024
    static let maximumLength = 32 << 10
    static let maximumNestedCount = 64
    static let maximumDepth = 4

    /// Adds a string.
    ///
    /// - Parameter limit: How many UTF-8 bytes of it are written at most; 1 KiB is the most that can be.
    public mutating func field(_ name: StaticString, _ value: some StringProtocol, limit: Int = .max) {
        begin(name)
        append(value, limit: min(limit, Self.maximumValueLength))
    }

    /// Adds a string that stands in memory as UTF-8, which must be valid.
    ///
    /// - Parameter limit: How many bytes of it are written at most; 1 KiB is the most that can be.
    public mutating func field(_ name: StaticString, utf8 value: UnsafeBufferPointer<UInt8>, limit: Int = .max) {
        begin(name)
        let isPlain = format == .text && !value.isEmpty && value.allSatisfy(Self.isPlain)
        if !isPlain { bytes.append(UInt8(ascii: "\"")) }
        escape(value, limit: min(limit, Self.maximumValueLength))
        if !isPlain { bytes.append(UInt8(ascii: "\"")) }
    }

    /// Adds a whole number.
    public mutating func field(_ name: StaticString, _ value: Int) {
        begin(name)
        append(value)
    }

    /// Adds a number as sixteen hexadecimal digits, or two of them as thirty-two: ids.
    public mutating func field(_ name: StaticString, hexadecimal first: UInt64, _ second: UInt64? = nil) {
        begin(name)
        if format == .json { bytes.append(UInt8(ascii: "\"")) }
        appendHexadecimal(first)
        if let second { appendHexadecimal(second) }
        if format == .json { bytes.append(UInt8(ascii: "\"")) }
    }

    private mutating func appendHexadecimal(_ number: UInt64) {
        var digits = (Self.digits(number >> 32).bigEndian, Self.digits(number & 0xffff_ffff).bigEndian)
        withUnsafeBytes(of: &digits) { bytes.append(contentsOf: $0) }
    }

    /// Eight hexadecimal digits of a number of 32 bits, a byte each, the first in the upper byte.
    private static func digits(_ number: UInt64) -> UInt64 {
        var spread = (number | number << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Adds a length of time in milliseconds, to the microsecond.
    public mutating func field(_ name: StaticString, milliseconds duration: Duration) {
        begin(name)
        let (seconds, attoseconds) = duration.components
        let microseconds = max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        append(Int(microseconds / 1000))
        bytes.append(UInt8(ascii: "."))
        for divisor in [100, 10, 1] as [Int64] {
            bytes.append(UInt8(ascii: "0") + UInt8(microseconds / divisor % 10))
        }
    }

    /// Adds what a logger was given beside the message.
    mutating func field(_ name: String, _ value: Logger.MetadataValue) {
        switch format {
        case .json:
            bytes.append(UInt8(ascii: ","))
            quote(name, limit: Self.maximumValueLength)
            bytes.append(UInt8(ascii: ":"))
            append(value, depth: 0)
        case .text:
            bytes.append(UInt8(ascii: " "))
            escape(name, limit: Self.maximumValueLength)
            bytes.append(UInt8(ascii: "="))
            append("\(value)", limit: Self.maximumValueLength)
        }
    }

    mutating func message(_ message: String) {
        switch format {
        case .json: quote(message, limit: Self.maximumMessageLength)
        case .text: escape(message, limit: Self.maximumMessageLength)
        }
    }

    mutating func verbatim(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func begin(_ name: StaticString) {
        switch format {
        case .json:
            verbatim(",\"")
            verbatim(name)
            verbatim("\":")
        case .text:
            bytes.append(UInt8(ascii: " "))
            verbatim(name)
            bytes.append(UInt8(ascii: "="))
        }
    }

    private mutating func append(_ value: some StringProtocol, limit: Int) {
        let isPlain = format == .text && !value.isEmpty && value.utf8.allSatisfy(Self.isPlain)
        if isPlain { escape(value, limit: limit) } else { quote(value, limit: limit) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            && byte != UInt8(ascii: "\\")
    }

    private mutating func append(_ value: Int) {
        var digits = (UInt64(0), UInt64(0), UInt64(0))  // 24 bytes; an Int has at most 19 digits
        withUnsafeMutableBytes(of: &digits) { digits in
            var position = digits.count
            var rest = value.magnitude
            repeat {
                position -= 1
                digits[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(contentsOf: digits[position...])
        }
    }

    private mutating func append(_ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let string): quote(string, limit: Self.maximumValueLength)
        case .stringConvertible(let value): quote("\(value)", limit: Self.maximumValueLength)
        case .array, .dictionary:
            guard depth < Self.maximumDepth else {
                verbatim("\"…\"")
                return
            }
            appendNested(value, depth: depth + 1)
        }
    }

    private mutating func appendNested(_ value: Logger.MetadataValue, depth: Int) {
        var isFirst = true
        switch value {
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for value in values.prefix(max(0, Self.maximumNestedCount - nestedCount)) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                nestedCount += 1
                append(value, depth: depth)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            for (name, value) in members.prefix(max(0, Self.maximumNestedCount - nestedCount)) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                nestedCount += 1
                quote(name, limit: Self.maximumValueLength)
                bytes.append(UInt8(ascii: ":"))
                append(value, depth: depth)
            }
            bytes.append(UInt8(ascii: "}"))
        case .string, .stringConvertible: break
        }
    }
}
