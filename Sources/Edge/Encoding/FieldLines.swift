// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// Which of the fields that the edge would add by itself stand in an answer already.
package struct DeclaredFields: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let cacheControl = DeclaredFields(rawValue: 1 << 0)
    package static let date = DeclaredFields(rawValue: 1 << 1)
    package static let contentTypeOptions = DeclaredFields(rawValue: 1 << 2)
}

/// Header fields in the form they have on the wire.
package enum FieldLines {
    /// Encodes fields, all but those that belong to the connection and the framing.
    package static func encode(_ fields: HTTPFields) -> (lines: [UInt8], declared: DeclaredFields) {
        var lines: [UInt8] = []
        lines.reserveCapacity(fields.count * 48)
        var declared: DeclaredFields = []
        for field in fields where !isOfConnection(field.name) {
            append(field.name.rawName, field.value, to: &lines)
            declared.formUnion(declaration(of: field.name))
        }
        return (lines, declared)
    }

    /// RFC 9110 section 7.6.1, and the framing.
    static func isOfConnection(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName {
        case "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "trailer": true
        default: false
        }
    }

    static func declaration(of name: HTTPField.Name) -> DeclaredFields {
        switch name.canonicalName {
        case "cache-control": .cacheControl
        case "date": .date
        case "x-content-type-options": .contentTypeOptions
        default: []
        }
    }

    /// Appends one line. A value that holds what would end it (CR, LF, NUL) has a space in its place: a client's bytes
    /// never make a field of their own.
    static func append(_ name: String, _ value: String, to lines: inout [UInt8]) {
        lines.append(contentsOf: name.utf8)
        lines.append(UInt8(ascii: ":"))
        lines.append(UInt8(ascii: " "))
        for byte in value.utf8 { lines.append(byte < 0x20 && byte != 0x09 || byte == 0x7f ? 0x20 : byte) }
        lines.append(UInt8(ascii: "\r"))
        lines.append(UInt8(ascii: "\n"))
    }
}
