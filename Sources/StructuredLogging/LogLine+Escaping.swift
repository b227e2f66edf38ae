// SPDX-License-Identifier: Apache-2.0

extension LogLine {
    mutating func quote(_ value: some StringProtocol, limit: Int) {
        bytes.append(UInt8(ascii: "\""))
        escape(value, limit: limit)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes at most `limit` bytes of a string, cut between characters of UTF-8, as the inside of a JSON string (RFC
    /// 8259 section 7).
    mutating func escape(_ value: some StringProtocol, limit: Int) {
        if value.utf8.withContiguousStorageIfAvailable({ escape($0, limit: limit) }) != nil { return }
        // Only strings that stand in memory in another way come here.
        var copy = String(value)
        copy.withUTF8 { escape($0, limit: limit) }
    }

    mutating func escape(_ text: UnsafeBufferPointer<UInt8>, limit: Int) {
        let cut = Self.cut(text, at: min(limit, room))
        if text[..<cut].allSatisfy(Self.needsNoEscape) {
            bytes.append(contentsOf: text[..<cut])
        } else {
            escape(text[..<cut])
        }
        if cut < text.count { verbatim("…") }
    }

    /// Where to cut text so that no character of UTF-8 is split.
    private static func cut(_ text: UnsafeBufferPointer<UInt8>, at limit: Int) -> Int {
        if text.count <= limit { return text.count }
        var cut = limit
        while cut > 0, text[cut] & 0xc0 == 0x80 { cut -= 1 }
        return cut
    }

    /// 0xc2 begins the control characters U+0080 to U+009F, 0xe2 the separators U+2028 and U+2029.
    private static func needsNoEscape(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 0x7f && byte != 0xc2
            && byte != 0xe2
    }

    private mutating func escape(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            let next = position + 1 < text.endIndex ? text[position + 1] : 0
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: verbatim("\\n")
            case 0x0d: verbatim("\\r")
            case 0x09: verbatim("\\t")
            case 0..<0x20, 0x7f: appendEscape(UInt16(byte))
            case 0xc2 where next < 0xa0:
                appendEscape(UInt16(next))
                position += 1
            case 0xe2 where next == 0x80 && position + 2 < text.endIndex && text[position + 2] & 0xfe == 0xa8:
                appendEscape(0x2000 | UInt16(text[position + 2] & 0x3f))
                position += 2
            default: bytes.append(byte)
            }
            position += 1
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        verbatim("\\u")
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(unit >> shift & 0xf)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
