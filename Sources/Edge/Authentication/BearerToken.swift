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
        let length = scheme.utf8CodeUnitCount
        guard value.count >= length else { return .missing }
        for index in 0..<length where value[index] | 0x20 != scheme.utf8Start[index] { return .missing }
        guard value.count > length + 1 else {
            return value.count == length || isBlank(value[length]) ? .malformed : .missing
        }
        guard value[length] == UInt8(ascii: " ") else { return value[length] == 0x09 ? .malformed : .missing }
        for byte in value[(length + 1)...] where byte <= 0x20 || byte >= 0x7f { return .malformed }
        return .token(place.lowerBound + UInt32(length) + 1..<place.upperBound)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }

    private static let scheme: StaticString = "bearer"
}
