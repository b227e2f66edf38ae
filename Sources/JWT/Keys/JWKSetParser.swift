// SPDX-License-Identifier: Apache-2.0

/// Reads the keys of the type `oct` of a JSON Web Key Set (RFC 7517, RFC 7518 section 6.4).
enum JWKSetParser {
    struct ParsedKey {
        var id: String?
        var bytes: [UInt8]
    }

    static let maximumByteCount = 64 << 10

    static func parse(_ text: [UInt8]) throws(KeySetError) -> [ParsedKey] {
        guard text.count <= maximumByteCount else {
            throw KeySetError(.malformed, "the key set is longer than \(maximumByteCount) bytes: is it the right file?")
        }
        var text = text
        var keys: [Result<ParsedKey?, KeySetError>]?
        let isJSON = text.withUnsafeMutableBufferPointer { bytes in
            do throws(JSONScanner.Failure) {
                keys = try JSONScanner.scan(bytes) { (scanner) throws(JSONScanner.Failure) in try keySet(&scanner) }
                return true
            } catch {
                return false
            }
        }
        guard isJSON, let keys else {
            throw KeySetError(
                .malformed, "it is no JSON Web Key Set: it must be one JSON object such as {\"keys\":[…]}")
        }
        guard keys.count <= KeySet.maximumKeyCount else {
            throw KeySetError(.malformed, "the key set has more than \(KeySet.maximumKeyCount) keys: remove old ones")
        }
        var usable: [ParsedKey] = []
        for key in keys { if let key = try key.get() { usable.append(key) } }
        return usable
    }

    private static func keySet(
        _ scanner: inout JSONScanner
    ) throws(JSONScanner.Failure) -> [Result<ParsedKey?, KeySetError>]? {
        var keys: [Result<ParsedKey?, KeySetError>]?
        try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
            guard name.equals("keys") else { return try scanner.skipValue() }
            var found: [Result<ParsedKey?, KeySetError>] = []
            try scanner.array { (scanner) throws(JSONScanner.Failure) in found.append(try key(&scanner)) }
            keys = found
        }
        return keys
    }

    private static func key(
        _ scanner: inout JSONScanner
    ) throws(JSONScanner.Failure) -> Result<ParsedKey?, KeySetError> {
        var (isOctets, isForSigning, isForHS256) = (false, true, true)
        var id: String?
        var value: [UInt8]?
        try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
            if name.equals("kty") {
                isOctets = try scanner.string().equals("oct")
            } else if name.equals("kid") {
                id = try scanner.string().string
            } else if name.equals("k") {
                value = Base64URL.decode(try scanner.string().bytes) ?? []
            } else if name.equals("alg") {
                isForHS256 = try scanner.string().equals("HS256")
            } else if name.equals("use") {
                isForSigning = try scanner.string().equals("sig") && isForSigning
            } else if name.equals("key_ops") {
                var allowsVerifying = false
                try scanner.array { (scanner) throws(JSONScanner.Failure) in
                    if try scanner.string().equals("verify") { allowsVerifying = true }
                }
                isForSigning = allowsVerifying && isForSigning
            } else {
                try scanner.skipValue()
            }
        }
        guard isOctets else { return .success(nil) }
        if let id, id.isEmpty || id.utf8.count > KeySet.maximumKeyIDByteCount {
            return .failure(
                KeySetError(
                    .malformed, "a kid is empty or longer than \(KeySet.maximumKeyIDByteCount) bytes: choose another"))
        }
        let name = id.map { "the key '\($0.prefix(40))'" } ?? "a key"
        guard isForHS256, isForSigning else {
            return .failure(KeySetError(.malformed, "\(name) is not meant to sign with HS256: set alg, use or key_ops"))
        }
        guard let value, !value.isEmpty else {
            return .failure(
                KeySetError(.malformed, "\(name) has no k, or one that is not base64url without padding"))
        }
        return .success(ParsedKey(id: id, bytes: value))
    }
}
