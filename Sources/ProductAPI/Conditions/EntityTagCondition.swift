// SPDX-License-Identifier: Apache-2.0

/// The value of an `If-Match` or `If-None-Match`: any tag, or one of a list (RFC 9110 sections 13.1.1 and 13.1.2).
enum EntityTagCondition: Sendable, Hashable {
    case any
    case oneOf([EntityTag])

    /// Reads a field's value, its lines joined with commas. Nil when it is malformed.
    init?(_ field: String) {
        if field == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        var rest = field.utf8[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { break }
            guard let tag = Self.takeTag(&rest) else { return nil }
            tags.append(tag)
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
        if tags.isEmpty { return nil }
        self = .oneOf(tags)
    }

    private static func takeTag(_ rest: inout Substring.UTF8View) -> EntityTag? {
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        let opaque = rest.prefix { $0 == 0x21 || (0x23...0x7e).contains($0) || $0 >= 0x80 }
        rest = rest.dropFirst(opaque.count)
        guard rest.popFirst() == UInt8(ascii: "\""), let text = String(opaque) else { return nil }
        return EntityTag(isWeak: isWeak, opaque: text)
    }
}
