// SPDX-License-Identifier: Apache-2.0

/// A string of a JSON text, its escapes resolved: valid UTF-8, at its place in the scanned bytes and only good as long.
struct JSONText {
    let bytes: UnsafeBufferPointer<UInt8>

    var string: String { String(decoding: bytes, as: UTF8.self) }

    func equals(_ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && zip(bytes, text.bytes).allSatisfy(==)
    }

    func equals(_ other: some Collection<UInt8>) -> Bool { bytes.count == other.count && bytes.elementsEqual(other) }

    /// Whether it is `text`, whose letters are lower-case, but for the case of letters.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount
            && zip(bytes, text.bytes).allSatisfy { byte, lowercased in
                byte == lowercased || ((0x41...0x5a).contains(byte) && byte | 0x20 == lowercased)
            }
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
