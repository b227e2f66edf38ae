// SPDX-License-Identifier: Apache-2.0

/// What a token says of who brings it.
public struct TokenClaims: Sendable, Hashable {
    /// Who it is: `sub`, 1 to 255 bytes of UTF-8 without control characters.
    public var subject: String
    /// What it allows: the names of `scope` or `scp`, separated by single spaces (RFC 6749 section 3.3).
    public var scope: String
    /// Until when it is valid, in seconds since 1970: `exp`.
    public var expiresAt: Int64
    /// From when on it is valid, in seconds since 1970: `nbf`.
    public var notBefore: Int64?
    /// When it was issued, in seconds since 1970: `iat`.
    public var issuedAt: Int64?
    /// Who issued it: `iss`.
    public var issuer: String?
    /// Whom it is for, when it is signed here: `aud`. Not told of a token that was verified.
    public var audience: String?

    public init(
        subject: String, scope: String = "", expiresAt: Int64, notBefore: Int64? = nil, issuedAt: Int64? = nil,
        issuer: String? = nil, audience: String? = nil
    ) {
        self.subject = subject
        self.scope = scope
        self.expiresAt = expiresAt
        self.notBefore = notBefore
        self.issuedAt = issuedAt
        self.issuer = issuer
        self.audience = audience
    }

    /// Whether one of the names in ``scope`` is `name`, letter by letter.
    public func allows(_ name: String) -> Bool {
        var (scope, name) = (scope, name)
        return scope.withUTF8 { scope in
            name.withUTF8 { name in
                var start = 0
                while start < scope.count {
                    let end = scope[start...].firstIndex(of: UInt8(ascii: " ")) ?? scope.count
                    if end - start == name.count, scope[start..<end].elementsEqual(name) { return true }
                    start = end + 1
                }
                return false
            }
        }
    }

    /// The longest subject, in bytes.
    public static let maximumSubjectByteCount = 255

    /// Whether bytes are fit for a subject: not too long, and nothing in them that would break a line of a log or move
    /// a cursor: no control character (C0, DEL, C1) and no line or paragraph separator.
    static func isClean(subject bytes: some Collection<UInt8>) -> Bool {
        guard (1...maximumSubjectByteCount).contains(bytes.count) else { return false }
        var (beforeLast, last): (UInt8, UInt8) = (0, 0)
        for byte in bytes {
            if byte < 0x20 || byte == 0x7f { return false }
            if last == 0xc2, (0x80...0x9f).contains(byte) { return false }
            if beforeLast == 0xe2, last == 0x80, byte == 0xa8 || byte == 0xa9 { return false }
            (beforeLast, last) = (last, byte)
        }
        return true
    }

    /// Whether bytes are names of scopes, separated by single spaces, or nothing (RFC 6749 section 3.3).
    static func isScope(_ bytes: some Collection<UInt8>) -> Bool {
        var previous = UInt8(ascii: " ")
        for byte in bytes {
            if byte == UInt8(ascii: " ") {
                if previous == byte { return false }
            } else if !isScopeCharacter(byte) {
                return false
            }
            previous = byte
        }
        return bytes.isEmpty || previous != UInt8(ascii: " ")
    }

    private static func isScopeCharacter(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
