// SPDX-License-Identifier: Apache-2.0

/// What a request has in its `Authorization`.
enum BearerToken {
    /// Nothing, or another scheme.
    case missing
    /// More than one line, or no token behind the scheme.
    case malformed
    case token(Substring)

    /// `Bearer`, in any case, one space, and the token (RFC 6750 section 2.1). A token in the query or the body is
    /// never looked at.
    init(of request: RequestHead) {
        guard request.contains(lowercased: "authorization") else {
            self = .missing
            return
        }
        guard let value = request.only(ofLowercased: "authorization") else {
            self = .malformed
            return
        }
        let scheme = value.utf8.prefix { $0 != UInt8(ascii: " ") && $0 != 0x09 }
        guard scheme.count == Self.scheme.count, zip(scheme, Self.scheme).allSatisfy({ $0 | 0x20 == $1 }) else {
            self = .missing
            return
        }
        let rest = value.utf8[scheme.endIndex...]
        let token = value[rest.index(rest.startIndex, offsetBy: min(1, rest.count))...]
        guard rest.first == UInt8(ascii: " "), !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            self = .malformed
            return
        }
        self = .token(token)
    }

    private static let scheme = Array("bearer".utf8)
}
