// SPDX-License-Identifier: Apache-2.0

/// Reads a JSON text value by value, strictly and without a tree: what the headers and claims of tokens need.
///
/// RFC 8259 to the letter, in UTF-8 and nothing else. Refuses what lenient parsers disagree about: a name that stands
/// twice in an object (its escapes resolved), a byte order mark, lone surrogates, and anything behind the value.
/// Bounded: at most 16 levels, 128 member names under way. Resolves escapes in place, and
/// allocates nothing but for checking text that is not ASCII; the bytes are used up.
struct JSONScanner: ~Copyable {
    /// Why a text is not read.
    enum Failure: Error {
        /// It is no JSON, or passes a limit.
        case syntax
        /// A value is of another type than was asked for.
        case type
    }

    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var index = 0
    private var depth = 0
    /// The names of the objects that are under way, the innermost object's last.
    private let names: UnsafeMutableBufferPointer<Name>
    private var nameCount = 0

    private struct Name {
        var start: UInt32
        var count: UInt32
    }

    private static let maximumDepth = 16
    static let maximumNameCount = 128

    /// Scans the one value that `bytes` hold.
    ///
    /// - Parameters:
    ///   - bytes: Changed where strings have escapes.
    ///   - maximumNameCount: How many member names may be under way: looking for one that stands twice takes time in
    ///     its square.
    ///   - body: Reads the value, all of it. Texts that it keeps are good as long as the bytes, and until they are used
    ///     again.
    static func scan<Result>(
        _ bytes: UnsafeMutableBufferPointer<UInt8>, maximumNameCount: Int = maximumNameCount,
        _ body: (inout JSONScanner) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // 128 names of 8 bytes: as much as lies on the stack.
        try withNames { (names) throws(Failure) in
            var scanner = JSONScanner(
                bytes: bytes, names: UnsafeMutableBufferPointer(rebasing: names.prefix(maximumNameCount)))
            scanner.skipSpace()
            let result = try body(&scanner)
            scanner.skipSpace()
            guard scanner.index == bytes.count else { throw .syntax }
            return result
        }
    }

    private static func withNames<Result>(
        _ body: (UnsafeMutableBufferPointer<Name>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome = withUnsafeTemporaryAllocation(of: Name.self, capacity: maximumNameCount) {
            names -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try body(names)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    // MARK: - Values

    /// Reads an object. `member` reads the value of each of its members.
    mutating func object(_ member: (inout JSONScanner, JSONText) throws(Failure) -> Void) throws(Failure) {
        try enter("{")
        let firstName = nameCount
        if !take("}") {
            repeat {
                skipSpace()
                guard isAtString else { throw .syntax }
                let name = try string()
                try note(name, since: firstName)
                skipSpace()
                guard take(":") else { throw .syntax }
                skipSpace()
                try member(&self, name)
                skipSpace()
            } while take(",")
            guard take("}") else { throw .syntax }
        }
        nameCount = firstName
        depth -= 1
    }

    /// Reads an array. `element` reads each of its values.
    mutating func array(_ element: (inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
        try enter("[")
        if !take("]") {
            repeat {
                skipSpace()
                try element(&self)
                skipSpace()
            } while take(",")
            guard take("]") else { throw .syntax }
        }
        depth -= 1
    }

    /// Reads a string.
    mutating func string() throws(Failure) -> JSONText {
        guard take("\"") else { throw .type }
        let start = index
        var end = index
        var isASCII = true
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                let text = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if !isASCII, !Self.isUTF8(text) { throw .syntax }
                return JSONText(bytes: text)
            case UInt8(ascii: "\\"):
                // What an escape stands for is never longer than it.
                end = try resolveEscape(writingAt: end)
                isASCII = isASCII && bytes[end - 1] < 0x80
            case 0..<0x20: throw .syntax
            default:
                if end != index - 1 { bytes[end] = byte }
                end += 1
                isASCII = isASCII && byte < 0x80
            }
        }
        throw .syntax
    }

    /// Reads a whole number without a fraction or an exponent, from -(2^53 - 1) to 2^53 - 1 (RFC 7493 section 2.2).
    mutating func integer() throws(Failure) -> Int64 {
        guard let first = next, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { throw .type }
        let start = index
        try skipNumber()
        var magnitude: Int64 = 0
        var digits = bytes[start..<index]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard digits.count <= 16 else { throw .type }
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { throw .type }
            magnitude = magnitude * 10 + Int64(digit - 0x30)
        }
        guard magnitude < 1 << 53 else { throw .type }
        return isNegative ? -magnitude : magnitude
    }

    /// Reads any value, checks it, and forgets it.
    mutating func skipValue() throws(Failure) {
        switch next {
        case UInt8(ascii: "{"): try object { (scanner, _) throws(Failure) in try scanner.skipValue() }
        case UInt8(ascii: "["): try array { (scanner) throws(Failure) in try scanner.skipValue() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        default: try skipNumber()
        }
    }

    /// Whether the next value is an array.
    var isAtArray: Bool { next == UInt8(ascii: "[") }

    /// Whether the next value is a string.
    var isAtString: Bool { next == UInt8(ascii: "\"") }

    // MARK: - Parts of values

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func enter(_ bracket: Unicode.Scalar) throws(Failure) {
        guard take(bracket) else { throw .type }
        depth += 1
        guard depth <= Self.maximumDepth else { throw .syntax }
        skipSpace()
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { index += 1 }
    }

    private mutating func skip(_ literal: StaticString) throws(Failure) {
        let end = index + literal.utf8CodeUnitCount
        guard end <= bytes.count,
            JSONText(bytes: UnsafeBufferPointer(rebasing: bytes[index..<end])).equals(literal)
        else { throw .syntax }
        index = end
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func skipNumber() throws(Failure) {
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(Failure) {
        let start = index
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
        guard index > start else { throw .syntax }
    }

    /// Remembers the name of a member; throws when the object has it already.
    private mutating func note(_ name: JSONText, since first: Int) throws(Failure) {
        guard nameCount < names.count, let base = bytes.baseAddress, let start = name.bytes.baseAddress else {
            throw .syntax
        }
        for other in names[first..<nameCount] where other.count == name.bytes.count {
            let others = bytes[Int(other.start)..<Int(other.start + other.count)]
            if name.bytes.elementsEqual(others) { throw .syntax }
        }
        names.initializeElement(
            at: nameCount, to: Name(start: UInt32(start - UnsafePointer(base)), count: UInt32(name.bytes.count)))
        nameCount += 1
    }

    /// Resolves the escape whose backslash has just been read. Returns the position behind what it stands for.
    private mutating func resolveEscape(writingAt end: Int) throws(Failure) -> Int {
        guard let byte = next else { throw .syntax }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes[end] = byte
        case UInt8(ascii: "b"): bytes[end] = 0x08
        case UInt8(ascii: "f"): bytes[end] = 0x0c
        case UInt8(ascii: "n"): bytes[end] = 0x0a
        case UInt8(ascii: "r"): bytes[end] = 0x0d
        case UInt8(ascii: "t"): bytes[end] = 0x09
        case UInt8(ascii: "u"): return try resolveUnicodeEscape(writingAt: end)
        default: throw .syntax
        }
        return end + 1
    }

    private mutating func resolveUnicodeEscape(writingAt end: Int) throws(Failure) -> Int {
        var value = try codeUnit()
        if (0xd800..<0xdc00).contains(value) {
            guard take("\\"), take("u") else { throw .syntax }
            let low = try codeUnit()
            guard (0xdc00..<0xe000).contains(low) else { throw .syntax }
            value = 0x1_0000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        // Throws for the second half of a pair alone, too.
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { throw .syntax }
        var position = end
        for byte in encoded {
            bytes[position] = byte
            position += 1
        }
        return position
    }

    private mutating func codeUnit() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap(Self.hexadecimalValue) else { throw .syntax }
            index += 1
            value = value << 4 | digit
        }
        return value
    }

    private static func hexadecimalValue(of digit: UInt8) -> UInt32? {
        switch digit {
        case 0x30...0x39: UInt32(digit - 0x30)
        case 0x41...0x46: UInt32(digit - 0x41 + 10)
        case 0x61...0x66: UInt32(digit - 0x61 + 10)
        default: nil
        }
    }

    private static func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        String(validating: text, as: UTF8.self) != nil
    }
}
