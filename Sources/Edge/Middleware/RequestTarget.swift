// SPDX-License-Identifier: Apache-2.0

/// A request target, read strictly (RFC 9112 section 3.2, RFC 3986 section 3).
struct RequestTarget {
    /// The path, with the query behind it if there is one; or `*`.
    let originForm: String

    /// Nil when the target is malformed, or of a form that is not served.
    init?(_ target: String, allowsAsterisk: Bool) {
        if target == "*" {
            guard allowsAsterisk else { return nil }
            originForm = target
            return
        }
        let origin = target.utf8.first == UInt8(ascii: "/") ? target : Self.pathOfAbsoluteForm(target)
        guard var origin, origin.withUTF8(Self.isValid) else { return nil }
        originForm = origin
    }

    /// Whether text is a host, with a port or without (RFC 3986 section 3.2.2).
    static func isAuthority(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(isAuthority)
    }

    static func isAuthority(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var text = text[...]
        guard (1...261).contains(text.count) else { return false }
        let host: Slice<UnsafeBufferPointer<UInt8>>
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            host = text[text.index(after: text.startIndex)..<end]
            guard host.allSatisfy({ $0.isHexadecimal || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return false
            }
            text = text[text.index(after: end)...]
        } else {
            host = text.prefix { $0 != UInt8(ascii: ":") }
            guard host.allSatisfy(isOfName) else { return false }
            text = text[host.endIndex...]
        }
        if host.isEmpty { return false }
        if text.isEmpty { return true }
        let port = text.dropFirst()
        return text.first == UInt8(ascii: ":") && port.count <= 5
            && port.allSatisfy(\.isDigit)
    }

    private static func pathOfAbsoluteForm(_ target: String) -> String? {
        guard let scheme = target.firstRange(of: "://"),
            ["http", "https"].contains(target[..<scheme.lowerBound].lowercased())
        else { return nil }
        let rest = target[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard isAuthority(String(authority)) else { return nil }
        let path = rest[authority.endIndex...]
        return path.first == "/" ? String(path) : "/\(path)"
    }

    /// Whether a target in origin form holds visible ASCII without a fragment, valid percent-encoding, and a path that
    /// is UTF-8 without empty or dot segments: what software along the way may normalise to another path.
    static func isValid(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
        var isInPath = true
        var pathHasEscape = false
        var previous: UInt8 = 0
        var escapeDigits = 0
        for byte in target {
            if byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: "#") { return false }
            if escapeDigits > 0 {
                if !byte.isHexadecimal { return false }
                escapeDigits -= 1
            } else if byte == UInt8(ascii: "%") {
                escapeDigits = 2
                if isInPath { pathHasEscape = true }
            } else if byte == UInt8(ascii: "?") {
                isInPath = false
            } else if isInPath, byte == UInt8(ascii: "/"), previous == UInt8(ascii: "/") {
                return false
            }
            previous = byte
        }
        guard escapeDigits == 0 else { return false }
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        return pathHasEscape ? decoded(path).map { !hasDotSegment($0) } ?? false : !hasDotSegment(path)
    }

    private static func hasDotSegment(_ path: some Collection<UInt8>) -> Bool {
        guard path.contains(UInt8(ascii: ".")) else { return false }
        return path.split(separator: UInt8(ascii: "/")).contains { segment in
            segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") }
        }
    }

    /// The bytes of a path with its escapes resolved; nil when they are no UTF-8.
    private static func decoded(_ path: some Collection<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.count)
        var rest = path[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.popFirst(), let low = rest.popFirst() {
                decoded.append(value(ofHexadecimal: high) << 4 | value(ofHexadecimal: low))
            } else {
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self) == nil ? nil : decoded
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "~")
    }

    private static func value(ofHexadecimal digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : (digit | 0x20) - UInt8(ascii: "a") + 10
    }
}
