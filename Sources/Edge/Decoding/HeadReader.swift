// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Reads one header section from its first byte to its last, in one pass.
struct HeadReader {
    /// How far it has read.
    private(set) var position = 0
    private(set) var method: HTTPRequest.Method?
    private(set) var target: Range<UInt32> = 0..<0
    private(set) var hasValidTarget = false
    /// Whether the client says that this request is its last.
    private(set) var closes = false
    private(set) var places: [HeaderFields.Place] = []

    private var hasConnection = false
    private let classes = CharacterClass.table
    private let maximumByteCount: Int
    private let maximumFieldCount: Int

    init(maximumByteCount: Int, maximumFieldCount: Int) {
        self.maximumByteCount = maximumByteCount
        self.maximumFieldCount = maximumFieldCount
    }

    /// Returns whether there is a whole section that is for this reader; if not, nothing that was read counts.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(maximumByteCount))
        guard readRequestLine(bytes) else { return false }
        places.reserveCapacity(8)
        while position + 1 < bytes.count {
            if bytes[position] == Self.carriageReturn {
                guard bytes[position + 1] == Self.lineFeed else { return false }
                position += 2
                return true
            }
            guard places.count < maximumFieldCount, readField(bytes) else { return false }
        }
        return false
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    // MARK: - The request line

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if starts(bytes, with: "GET ") {
            method = .get
        } else if starts(bytes, with: "HEAD ") {
            method = .head
        } else if starts(bytes, with: "DELETE ") {
            method = .delete
        } else {
            return false
        }
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "/") else { return false }
        while position < bytes.count, classes[Int(bytes[position])].contains(.target) { position += 1 }
        target = UInt32(start)..<UInt32(position)
        let text = UnsafeBufferPointer(rebasing: bytes.assumingMemoryBound(to: UInt8.self)[start..<position])
        hasValidTarget = RequestTarget.isValid(text)
        return starts(bytes, with: " HTTP/1.1\r\n")
    }

    /// Whether these bytes come next, which are then read.
    private mutating func starts(_ bytes: UnsafeRawBufferPointer, with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
        position += count
        return true
    }

    // MARK: - Fields

    private mutating func readField(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let nameStart = position
        while position < bytes.count, classes[Int(bytes[position])].contains(.name) { position += 1 }
        let name = UInt32(nameStart)..<UInt32(position)
        guard !name.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return false }
        position += 1
        let valueStart = position
        while position < bytes.count, classes[Int(bytes[position])].contains(.value) { position += 1 }
        let value = HeaderFields.trimmed(UInt32(valueStart)..<UInt32(position), in: bytes)
        guard position + 1 < bytes.count, bytes[position] == Self.carriageReturn,
            bytes[position + 1] == Self.lineFeed
        else { return false }
        position += 2
        places.append(HeaderFields.Place(name: name, value: value))
        return isPlain(UnsafeRawBufferPointer(rebasing: bytes[Int(name.lowerBound)..<Int(name.upperBound)])) {
            UnsafeRawBufferPointer(rebasing: bytes[Int(value.lowerBound)..<Int(value.upperBound)])
        }
    }

    /// Whether a field says nothing of how the request, or the connection, is to be read, or what it says is plain.
    ///
    /// Those are the fields that llhttp, within NIO's decoder, knows, and what the edge makes rules of (`WireRules`). A
    /// newer NIO may know more: `HeadDecoderTests` compares the two.
    private mutating func isPlain(
        _ name: UnsafeRawBufferPointer, value: () -> UnsafeRawBufferPointer
    ) -> Bool {
        switch name.count {
        case 6: return !Self.isEqual(name, "expect")
        case 7: return !Self.isEqual(name, "upgrade") && !Self.isEqual(name, "trailer")
        case 10:
            guard Self.isEqual(name, "connection") else { return true }
            closes = Self.isEqual(value(), "close")
            defer { hasConnection = true }
            return !hasConnection && (closes || Self.isEqual(value(), "keep-alive"))
        case 14: return !Self.isEqual(name, "content-length")
        case 16: return !Self.isEqual(name, "proxy-connection")
        case 17: return !Self.isEqual(name, "transfer-encoding")
        default: return true
        }
    }

    /// Whether bytes are these letters, in either case.
    private static func isEqual(_ bytes: UnsafeRawBufferPointer, _ letters: StaticString) -> Bool {
        guard bytes.count == letters.utf8CodeUnitCount else { return false }
        for index in bytes.indices where bytes[index] | 0x20 != letters.utf8Start[index] { return false }
        return true
    }
}
