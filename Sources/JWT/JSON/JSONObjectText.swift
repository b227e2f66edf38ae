// SPDX-License-Identifier: Apache-2.0

/// Puts a flat JSON object together.
struct JSONObjectText {
    private var members: [UInt8] = []

    var bytes: [UInt8] { [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")] }

    mutating func add(_ name: String, _ value: String) {
        addName(name)
        quote(value)
    }

    mutating func add(_ name: String, _ value: Int64) {
        addName(name)
        members.append(contentsOf: "\(value)".utf8)
    }

    private mutating func addName(_ name: String) {
        if !members.isEmpty { members.append(UInt8(ascii: ",")) }
        quote(name)
        members.append(UInt8(ascii: ":"))
    }

    private mutating func quote(_ text: String) {
        members.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): members += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: members.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: members.append(byte)
            }
        }
        members.append(UInt8(ascii: "\""))
    }
}
