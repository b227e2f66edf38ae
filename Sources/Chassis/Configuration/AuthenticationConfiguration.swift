// SPDX-License-Identifier: Apache-2.0

package import JWT

/// Which tokens are taken, and the keys to verify them with.
package struct AuthenticationConfiguration: Sendable {
    /// Where the keys come from.
    package enum KeySource: Sendable {
        /// A file, read again as it changes.
        case file(path: String, KeySetFile.Format)
        /// The text of a key.
        case secret(String)
    }

    /// Nil when no key is configured.
    package var keySource: KeySource?
    /// The setting that names the keys.
    package var keySourceKey: ConfigurationKey
    /// What tokens must say.
    package var policy: TokenPolicy

    package init(reading reader: inout ConfigurationReader) {
        let keysFile = reader.optional(Self.keysFileKey, as: .text)
        let secretFile = reader.optional(Self.secretFileKey, as: .text)
        let secret = reader.optional(Self.secretKey, as: .text)
        policy = TokenPolicy(
            issuer: reader.optional(Self.issuerKey, as: .text), audience: reader.optional(Self.audienceKey, as: .text),
            leeway: reader.value(Self.leewayKey, as: .duration(in: .zero ... .seconds(300))).components.seconds,
            maximumLifetime: reader.value(
                Self.maximumLifetimeKey, as: .duration(in: .seconds(1) ... .seconds(366 * 86_400))
            ).components.seconds)
        keySourceKey = Self.keysFileKey
        if let keysFile {
            keySource = .file(path: keysFile, .jwkSet)
        } else if let secretFile {
            keySource = .file(path: secretFile, .rawKey)
            keySourceKey = Self.secretFileKey
        } else if let secret {
            keySource = .secret(secret)
            keySourceKey = Self.secretKey
        }
        if [keysFile, secretFile, secret].count(where: { $0 != nil }) > 1 {
            reader.note("only one of JWT_KEYS_FILE, JWT_SECRET_FILE and JWT_SECRET may be set", about: keySourceKey)
        }
    }

    package static let keys = [
        keysFileKey, secretFileKey, secretKey, issuerKey, audienceKey, leewayKey, maximumLifetimeKey,
    ]

    private static let keysFileKey = ConfigurationKey(
        "jwt.keys.file", default: nil,
        "A JSON Web Key Set with the keys (kty oct, 32 bytes or more each) that tokens are signed with, not readable by everyone; read again when it changes, also through Kubernetes' ..data. One of the three settings of keys must be given."
    )
    private static let secretFileKey = ConfigurationKey(
        "jwt.secret.file", default: nil, "A file with one raw key of 32 bytes or more, instead of a key set.")
    private static let secretKey = ConfigurationKey(
        "jwt.secret", default: nil, redaction: .everything,
        "One key of 32 bytes or more, instead of a file; a file is safer.")
    private static let issuerKey = ConfigurationKey("jwt.issuer", default: nil, "What iss must be in every token.")
    private static let audienceKey = ConfigurationKey(
        "jwt.audience", default: nil, "What aud must be, or have among others, in every token.")
    private static let leewayKey = ConfigurationKey(
        "jwt.leeway", default: "30s", "By how much the clock of whoever signs tokens may differ; up to 5m.")
    private static let maximumLifetimeKey = ConfigurationKey(
        "jwt.max.lifetime", default: "24h", "The longest time that a token may be valid for.")
}
