// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The header fields of a request, in the bytes that they came in: looking one up copies and allocates nothing.
struct HeaderFields: Sendable {
    /// Holds the names and values, and whatever else stood between them.
    let bytes: ByteBuffer
    let places: [Place]

    /// Where a field stands among the bytes, counted from the first that is readable.
    struct Place: Sendable {
        let name: Range<UInt32>
        /// Without white space around it.
        let value: Range<UInt32>
    }

    init(bytes: ByteBuffer, places: [Place]) {
        self.bytes = bytes
        self.places = places
    }

    /// Copies fields, and text that is to stand behind them.
    init(copying fields: some Sequence<(name: String, value: String)>, and text: String) {
        var bytes = ByteBuffer()
        var places: [Place] = []
        for (name, value) in fields {
            let nameStart = UInt32(bytes.readableBytes)
            bytes.writeString(name)
            let valueStart = UInt32(bytes.readableBytes)
            bytes.writeString(value)
            let end = UInt32(bytes.readableBytes)
            let trimmed = bytes.withUnsafeReadableBytes { Self.trimmed(valueStart..<end, in: $0) }
            places.append(Place(name: nameStart..<valueStart, value: trimmed))
        }
        bytes.writeString(text)
        self.init(bytes: bytes, places: places)
    }

    /// A value's place without the white space around it (RFC 9112 section 5.1).
    @inline(__always)
    static func trimmed(_ value: Range<UInt32>, in bytes: UnsafeRawBufferPointer) -> Range<UInt32> {
        var (start, end) = (value.lowerBound, value.upperBound)
        while start < end, isBlank(bytes[Int(start)]) { start += 1 }
        while end > start, isBlank(bytes[Int(end) - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The bytes at a place, as long as `body` runs.
    @inline(__always)
    func withBytes<Result>(at place: Range<UInt32>, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeReadableBytes { bytes in
            let bytes = bytes.assumingMemoryBound(to: UInt8.self)
            return body(UnsafeBufferPointer(rebasing: bytes[Int(place.lowerBound)..<Int(place.upperBound)]))
        }
    }

    func text(at place: Range<UInt32>) -> String { withBytes(at: place) { String(decoding: $0, as: UTF8.self) } }

    /// The place of the first value of a field, and how often the field stands there.
    ///
    /// - Parameter name: In lower case.
    @inline(__always)
    func find(_ name: String) -> (first: Range<UInt32>, count: Int)? {
        var name = name
        return name.withUTF8 { name in
            bytes.withUnsafeReadableBytes { bytes in
                var first: Range<UInt32>?
                var count = 0
                for place in places where Self.isEqual(bytes, place.name, toLowercased: name) {
                    if first == nil { first = place.value }
                    count += 1
                }
                return first.map { ($0, count) }
            }
        }
    }

    @inline(__always)
    private static func isEqual(
        _ bytes: UnsafeRawBufferPointer, _ place: Range<UInt32>, toLowercased name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard place.count == name.count else { return false }
        let start = Int(place.lowerBound)
        for index in name.indices {
            let (byte, lowercased) = (bytes[start + index], name[index])
            if byte != lowercased, byte | 0x20 != lowercased || !(0x41...0x5a).contains(byte) { return false }
        }
        return true
    }
}
