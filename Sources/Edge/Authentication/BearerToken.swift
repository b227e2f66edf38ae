// SPDX-License-Identifier: Apache-2.0

/// What a request has in its `Authorization`.
enum BearerToken {
    /// Nothing, or another scheme.
    case missing
    /// More than one line, or no token behind the scheme.
    case malformed
    /// Where the token stands among the bytes of the request's fields.
    case token(Range<UInt32>)

    /// `Bearer`, in any case, one space, and the token (RFC 6750 section 2.1). A token in the query or the body is
    /// never looked at.
    init(of request: RequestHead) {
        guard let (place, count) = request.fields.find("authorization") else {
            self = .missing
            return
        }
        self = count > 1 ? .malformed : request.fields.withBytes(at: place) { Self.find(in: $0, at: place) }
    }

    private static func find(in value: UnsafeBufferPointer<UInt8>, at place: Range<UInt32>) -> BearerToken {
        let scheme = value.prefix { $0 != UInt8(ascii: " ") && $0 != 0x09 }
        guard scheme.count == Self.scheme.utf8CodeUnitCount,
            scheme.indices.allSatisfy({ value[$0] | 0x20 == Self.scheme.utf8Start[$0] })
        else { return .missing }
        let token = value[scheme.endIndex...].dropFirst()
        guard scheme.endIndex < value.count, value[scheme.endIndex] == UInt8(ascii: " "), !token.isEmpty,
            token.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return .malformed }
        return .token(place.lowerBound + UInt32(token.startIndex)..<place.upperBound)
    }

    private static let scheme: StaticString = "bearer"
}
