// SPDX-License-Identifier: Apache-2.0

/// Why a token is refused. Not for the client, who is told the same whatever it is (RFC 8725 section 3.2's spirit, RFC
/// 6750 section 3.1): for a metric and a debug log. Never holds anything of the token.
public struct TokenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, from a set that may grow; fit for the label of a metric.
    public struct Code: Sendable, Hashable, RawRepresentable, CaseIterable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Longer than 8 KiB.
        public static let size = Code(rawValue: "size")
        /// Not three parts of base64url, or no strict JSON object in them.
        public static let malformed = Code(rawValue: "malformed")
        /// `alg` is not `HS256`.
        public static let algorithm = Code(rawValue: "algorithm")
        /// `typ` is that of something else.
        public static let type = Code(rawValue: "type")
        /// `crit` or `b64` asks for what is not done here.
        public static let critical = Code(rawValue: "critical")
        /// No key has that `kid`.
        public static let key = Code(rawValue: "key")
        /// The signature is not that of the key.
        public static let signature = Code(rawValue: "signature")
        /// The time of `exp` is over.
        public static let expired = Code(rawValue: "expired")
        /// The time of `nbf` or `iat` has not come yet.
        public static let early = Code(rawValue: "early")
        /// It is valid for too long.
        public static let lifetime = Code(rawValue: "lifetime")
        /// A claim that is needed is missing, or of the wrong type or form.
        public static let claim = Code(rawValue: "claim")
        /// `iss` is another's.
        public static let issuer = Code(rawValue: "issuer")
        /// `aud` is not, or not only, this service.
        public static let audience = Code(rawValue: "audience")

        public static let allCases: [Code] = [
            .size, .malformed, .algorithm, .type, .critical, .key, .signature, .expired, .early, .lifetime, .claim,
            .issuer, .audience,
        ]
    }

    /// What is wrong.
    public let code: Code

    init(_ code: Code) { self.code = code }

    public var description: String {
        switch code {
        case .size: "the token is longer than 8 KiB"
        case .malformed: "the token is not three parts of base64url with strict JSON in them"
        case .algorithm: "alg is not HS256"
        case .type: "typ is neither JWT nor at+jwt"
        case .critical: "crit or b64 asks for what is not done here"
        case .key: "no key has the kid of the token"
        case .signature: "the signature is not that of the key"
        case .expired: "the time of exp is over"
        case .early: "the time of nbf or iat has not come yet: do the clocks agree?"
        case .lifetime: "the token is valid for longer than is allowed"
        case .claim: "a claim is missing, or of the wrong type or form"
        case .issuer: "iss is not the issuer that is expected"
        case .audience: "aud does not name this service"
        default: code.rawValue
        }
    }
}
