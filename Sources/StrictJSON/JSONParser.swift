// SPDX-License-Identifier: Apache-2.0

/// Reads JSON texts strictly: RFC 8259 to the letter, UTF-8 only, every limit fixed before the text is read.
///
/// Refuses what lenient parsers disagree about: duplicate names, a byte order mark, bytes after the value, lone
/// surrogates, invalid UTF-8, `NaN` and `Infinity`. Takes time linear in the text; recursion is bounded by the depth.
package struct JSONParser {
    /// The bounds of a text. A text that passes one is refused.
    package struct Limits: Sendable {
        /// How deep arrays and objects may nest.
        package var depth = 32
        /// How many values, nested ones included, the text may hold.
        package var valueCount = 10_000
        /// How long a number may be, in characters.
        package var numberLength = 64

        package init() {}
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var index = 0
    private var valueCount = 0

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Returns the one value that `bytes` holds.
    package static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, limits: limits)
        return try parser.text()
    }

    private mutating func text() throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw failure("a byte order mark is not allowed") }
        skipWhitespace()
        if index == bytes.count { throw failure("the text is empty: a JSON value is required") }
        let value = try value(depth: 0)
        skipWhitespace()
        if index < bytes.count { throw failure("nothing may follow the JSON value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        valueCount += 1
        if valueCount > limits.valueCount { throw failure("more than \(limits.valueCount) values") }
        guard let byte = peek else { throw unexpected("a value") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        if consume(UInt8(ascii: "}")) { return object }
        repeat {
            skipWhitespace()
            let start = index
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a member name in quotation marks") }
            let name = try string()
            skipWhitespace()
            guard consume(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipWhitespace()
            guard object.insert(try value(depth: depth), named: name) else {
                throw failure("the same member name stands twice in one object", at: start)
            }
            skipWhitespace()
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
        return object
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if consume(UInt8(ascii: "]")) { return elements }
        repeat {
            skipWhitespace()
            elements.append(try value(depth: depth))
            skipWhitespace()
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
        return elements
    }

    /// Steps over the opening bracket and the white space behind it.
    private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
        if depth > limits.depth { throw failure("nested deeper than \(limits.depth) levels") }
        index += 1
        skipWhitespace()
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let expected = Array("\(word)".utf8)
        guard bytes[index...].starts(with: expected) else { throw unexpected("a value") }
        index += expected.count
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = index
        _ = consume(UInt8(ascii: "-"))
        if !consume(UInt8(ascii: "0")) { try digits() }
        if consume(UInt8(ascii: ".")) { try digits() }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
            try digits()
        }
        if index - start > limits.numberLength {
            throw failure("a number longer than \(limits.numberLength) characters", at: start)
        }
        return JSONNumber(text: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = index
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        if index == start { throw unexpected("a digit") }
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        let opening = index
        index += 1
        var decoded: [UInt8] = []
        var runStart = index
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                decoded.append(contentsOf: bytes[runStart..<index])
                index += 1
                guard let string = String(validating: decoded, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8", at: opening)
                }
                return string
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: bytes[runStart..<index])
                index += 1
                decoded.append(contentsOf: try escape())
                runStart = index
            case 0..<0x20:
                throw failure("a control character in a string must be escaped")
            default:
                index += 1
            }
        }
        throw failure("a string without its closing quotation mark", at: opening)
    }

    private mutating func escape() throws(JSONSyntaxError) -> [UInt8] {
        guard let character = peek else { throw unexpected("an escape character") }
        index += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [character]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try unicodeEscape()).utf8)
        default: throw failure("an unknown escape", at: index - 1)
        }
    }

    /// Reads the four digits behind `\u`, and the second half of a surrogate pair where there is one.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = index - 2
        let first = try hexadecimalQuad()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        else { throw failure("a lone surrogate", at: start) }
        index += 2
        let second = try hexadecimalQuad()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw failure("a lone surrogate", at: start) }
        return scalar
    }

    private mutating func hexadecimalQuad() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw unexpected("a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}

// MARK: - Bytes

extension JSONParser {
    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private func unexpected(_ expected: String) -> JSONSyntaxError {
        guard let byte = peek else { return failure("the text ends where \(expected) is expected") }
        let found = (0x21..<0x7f).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
        return failure("\(found) where \(expected) is expected")
    }

    private func failure(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        let before = bytes[..<(offset ?? index)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        return JSONSyntaxError(reason: reason, line: line, column: before.count - lineStart + 1)
    }
}
