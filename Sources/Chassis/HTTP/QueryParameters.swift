// SPDX-License-Identifier: Apache-2.0

/// The parameters of a query, decoded strictly.
///
/// Form encoding (WHATWG URL section 5.1): `+` is a space. A broken percent escape, bytes that are not UTF-8 and a NUL
/// are refused, as software along the way may disagree about them.
package struct QueryParameters: Sendable {
    private var values: [String: [String]] = [:]

    /// Why a query is refused.
    package enum ParseError: Error, Sendable, Equatable {
        case invalidEncoding
    }

    package init(_ query: String?) throws(ParseError) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(parts[0])
            values[name, default: []].append(parts.count == 2 ? try Self.decode(parts[1]) : "")
        }
    }

    /// The names that stand in the query.
    package var names: Set<String> { Set(values.keys) }

    /// Every value of a name, in order.
    package func all(_ name: String) -> [String] { values[name] ?? [] }

    private static func decode(_ text: Substring) throws(ParseError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimalValue),
                    let low = rest.popFirst().flatMap(hexadecimalValue)
                else { throw .invalidEncoding }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        guard !decoded.contains(0), let string = String(validating: decoded, as: UTF8.self) else {
            throw .invalidEncoding
        }
        return string
    }

    private static func hexadecimalValue(of character: UInt8) -> UInt8? {
        Character(Unicode.Scalar(character)).hexDigitValue.flatMap { character < 0x80 ? UInt8($0) : nil }
    }
}
