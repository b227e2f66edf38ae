// SPDX-License-Identifier: Apache-2.0

public import JWT

/// Who makes a request, as a verified token says.
public struct Principal: Sendable, Hashable {
    /// What the token says.
    public let claims: TokenClaims
    /// The first half of the SHA-256 digest of the subject: tells callers apart where their names must not stand, the
    /// same in every replica.
    public let digest: UInt128

    /// Who it is.
    public var subject: String { claims.subject }

    init(_ claims: TokenClaims) {
        self.claims = claims
        var subject = claims.subject
        digest = subject.withUTF8 { bytes in
            SHA256.withDigest(of: UnsafeRawBufferPointer(bytes)) { digest in
                UInt128(digest.loadUnaligned(as: UInt64.self).bigEndian) << 64
                    | UInt128(digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian)
            }
        }
    }
}
