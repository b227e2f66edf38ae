// SPDX-License-Identifier: Apache-2.0

/// The three parts of a compact serialisation (RFC 7515 section 7.1), not decoded yet.
struct TokenParts {
    let header: UnsafeBufferPointer<UInt8>
    let payload: UnsafeBufferPointer<UInt8>
    let signature: UnsafeBufferPointer<UInt8>
    /// What the signature is of: the first two parts, and the dot between them.
    let signedPart: UnsafeBufferPointer<UInt8>

    /// Nil when there are more or fewer than three, or one is empty.
    init?(_ token: UnsafeBufferPointer<UInt8>) {
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot), let second = token[(first + 1)...].firstIndex(of: dot),
            token[(second + 1)...].firstIndex(of: dot) == nil
        else { return nil }
        header = UnsafeBufferPointer(rebasing: token[..<first])
        payload = UnsafeBufferPointer(rebasing: token[(first + 1)..<second])
        signature = UnsafeBufferPointer(rebasing: token[(second + 1)...])
        signedPart = UnsafeBufferPointer(rebasing: token[..<second])
        if header.isEmpty || payload.isEmpty || signature.isEmpty { return nil }
    }
}
