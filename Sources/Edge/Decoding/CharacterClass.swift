// SPDX-License-Identifier: Apache-2.0

/// What a byte may be part of, looked up in a table.
struct CharacterClass: OptionSet {
    let rawValue: UInt8

    /// A field's name: a token (RFC 9110 section 5.6.2).
    static let name = CharacterClass(rawValue: 1)
    /// A field's value, in visible ASCII and spaces: less than RFC 9110 section 5.5 allows.
    static let value = CharacterClass(rawValue: 2)
    /// A target in origin form: what RFC 3986 allows in paths and queries.
    static let target = CharacterClass(rawValue: 4)

    /// The classes of each byte. Whoever looks at many takes it once, as it is made when it is first asked for.
    static let table: [CharacterClass] = (0...255).map { byte in
        let byte = UInt8(byte)
        let isAlphanumeric = byte < 0x80 && byte.isAlphanumeric
        var classes: CharacterClass = []
        if isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(byte) { classes.insert(.name) }
        if (0x20...0x7e).contains(byte) { classes.insert(.value) }
        if isAlphanumeric || "-._~!$&'()*+,;=:@/?%".utf8.contains(byte) { classes.insert(.target) }
        return classes
    }
}
