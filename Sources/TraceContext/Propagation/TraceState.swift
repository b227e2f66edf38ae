// SPDX-License-Identifier: Apache-2.0

/// The `tracestate` header: what tracing systems along the way have added, passed on as it came (Trace Context level 2,
/// section 3.3).
public struct TraceState: Sendable, Hashable {
    /// The name of the header.
    public static let headerName = "tracestate"
    /// How many members there may be.
    public static let maximumMemberCount = 32

    /// The members, as the header has them.
    public let text: String

    /// Reads a header's value, of several lines when they are joined with commas.
    ///
    /// Nil when it has no member, more than 32, one that is malformed, or two of one key: then all of it is dropped
    /// (section 3.3.1.1), and the trace goes on without. White space around members and empty members are left out.
    /// Allocates nothing when the text is in its plain form already.
    public init?(_ text: String) {
        let answer =
            text.utf8.withContiguousStorageIfAvailable(Self.isPlain)
            ?? Array(text.utf8).withUnsafeBufferPointer(Self.isPlain)
        guard let isPlain = answer else { return nil }
        self.text = isPlain ? text : Self.plain(text)
    }

    private static func plain(_ text: String) -> String {
        let members = text.utf8.split(separator: UInt8(ascii: ",")).map { member in
            let member = member.drop { $0 == 0x20 || $0 == 0x09 }
            let blanks = member.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
            return String(decoding: member.dropLast(blanks), as: UTF8.self)
        }
        return members.filter { !$0.isEmpty }.joined(separator: ",")
    }

    /// Whether the text has nothing but members and commas between them; nil when it is refused.
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        var keys = Keys(text)
        var isPlain = true
        var start = 0
        while start <= text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: ",")) ?? text.count
            let member = trimmed(text[start..<end])
            isPlain = isPlain && member.count == end - start && !member.isEmpty
            if !member.isEmpty {
                guard let equals = member.firstIndex(of: UInt8(ascii: "=")), isKey(member[..<equals]),
                    isValue(member[(equals + 1)...]), keys.insert(member[..<equals])
                else { return nil }
            }
            start = end + 1
        }
        return keys.count == 0 ? nil : isPlain
    }

    /// The keys so far, by their places in the text: at most 32, so that looking through all of them is fast enough.
    private struct Keys {
        private let text: UnsafeBufferPointer<UInt8>
        private(set) var count = 0
        private var starts = SIMD32<UInt16>()
        private var lengths = SIMD32<UInt16>()

        init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

        /// Returns false when the key is there already, or there is no more room.
        mutating func insert(_ key: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
            guard count < TraceState.maximumMemberCount, key.endIndex <= UInt16.max else { return false }
            for index in 0..<count where Int(lengths[index]) == key.count {
                let start = Int(starts[index])
                if text[start..<(start + key.count)].elementsEqual(key) { return false }
            }
            starts[count] = UInt16(key.startIndex)
            lengths[count] = UInt16(key.count)
            count += 1
            return true
        }
    }

    private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var text = text
        while let byte = text.first, byte == 0x20 || byte == 0x09 { text.removeFirst() }
        while let byte = text.last, byte == 0x20 || byte == 0x09 { text.removeLast() }
        return text
    }

    /// `( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )`
    private static func isKey(_ key: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let first = key.first, key.count <= 256, isLowercaseOrDigit(first) else { return false }
        return key.allSatisfy { byte in
            isLowercaseOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "@")
        }
    }

    /// 1 to 256 characters of visible ASCII and spaces, but no comma and no equals sign; the last no space.
    private static func isValue(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard (1...256).contains(value.count) else { return false }
        return value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
    }
}
