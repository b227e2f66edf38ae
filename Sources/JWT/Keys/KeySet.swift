// SPDX-License-Identifier: Apache-2.0

/// The keys that tokens are signed and verified with.
///
/// A key set never changes; rotation replaces one by another (``KeySetFile``). The keys themselves are not kept, only
/// the states that HMAC begins with. Thread-safe.
public struct KeySet: Sendable {
    /// The shortest key, in bytes: as long as the tag (RFC 7518 section 3.2).
    public static let minimumKeyByteCount = 32
    /// The longest key, in bytes.
    public static let maximumKeyByteCount = 4096
    /// How many keys a set may have.
    public static let maximumKeyCount = 64
    /// The longest key id, in bytes.
    public static let maximumKeyIDByteCount = 256

    struct Key: Sendable {
        let id: String?
        let authenticator: HMACSHA256
    }

    let keys: [Key]

    /// How many keys there are: one or more.
    public var count: Int { keys.count }
    /// The ids of the keys that have one, in the order of the set.
    public var keyIDs: [String] { keys.compactMap(\.id) }

    /// A set of one key.
    ///
    /// - Parameters:
    ///   - rawKey: 32 to 4096 bytes, best of all from a random generator.
    ///   - id: What tokens name it with, if they do.
    /// - Throws: ``KeySetError`` when the key is too short or too long, or the text of a public key or a certificate,
    ///   which is no secret.
    public init(rawKey: [UInt8], id: String? = nil) throws(KeySetError) {
        keys = [Key(id: id, authenticator: try Self.authenticator(for: rawKey, called: "the key"))]
    }

    /// The keys of a JSON Web Key Set (RFC 7517 section 5, RFC 7518 section 6.4).
    ///
    /// Keys of another type than `oct` are left out, as section 5 says. One that is meant for another algorithm
    /// (`alg`), another use (`use`) or other operations (`key_ops`) is an error, and so is one among several that has
    /// no `kid` of its own.
    ///
    /// - Throws: ``KeySetError``.
    public init(jwkSet text: [UInt8]) throws(KeySetError) {
        let found = try JWKSetParser.parse(text)
        guard !found.isEmpty else {
            throw KeySetError(.noKey, "the key set has no key of the type oct: add one, such as {\"kty\":\"oct\",…}")
        }
        var keys: [Key] = []
        for key in found {
            if let id = key.id, keys.contains(where: { $0.id == id }) {
                throw KeySetError(.ambiguousKey, "two keys have one kid: give each its own")
            }
            if key.id == nil, found.count > 1 {
                throw KeySetError(.ambiguousKey, "a key has no kid, and there are several: give each its own")
            }
            let name = key.id.map { "the key '\($0.prefix(40))'" } ?? "the key"
            keys.append(Key(id: key.id, authenticator: try Self.authenticator(for: key.bytes, called: name)))
        }
        self.keys = keys
    }

    private static func authenticator(for key: [UInt8], called name: String) throws(KeySetError) -> HMACSHA256 {
        guard key.count >= minimumKeyByteCount else {
            throw KeySetError(
                .weakKey,
                "\(name) has \(key.count) bytes, and \(minimumKeyByteCount) or more are needed: make one with "
                    + "'openssl rand -base64 48'")
        }
        guard key.count <= maximumKeyByteCount else {
            throw KeySetError(.weakKey, "\(name) has more than \(maximumKeyByteCount) bytes: is it the right file?")
        }
        // Everyone has these: a server that takes one for its secret accepts what anyone signs with it.
        let isPublic = ["-----BEGIN PUBLIC", "-----BEGIN RSA PUBLIC", "-----BEGIN CERT", "ssh-"].contains { prefix in
            key.starts(with: prefix.utf8)
        }
        guard !isPublic else {
            throw KeySetError(
                .weakKey, "\(name) is a public key or a certificate, which is no secret: use a random one")
        }
        return HMACSHA256(key: key)
    }

    /// The key that a token's header means: the one of that id, and no other; without an id the only one there is.
    func key(withID id: JSONText?) -> Key? {
        guard let id else { return keys.count == 1 ? keys.first : nil }
        return keys.first { key in key.id.map { id.equals($0.utf8) } ?? false }
    }
}
