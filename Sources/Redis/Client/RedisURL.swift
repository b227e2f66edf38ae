// SPDX-License-Identifier: Apache-2.0

/// The parts of a URL of the schemes `redis` and `rediss`.
struct RedisURL: Sendable, Hashable {
    let isEncrypted: Bool
    let user: String?
    let password: String?
    let host: String
    let port: Int
    let database: Int
    let trustedCertificatesPath: String?

    private static let form = "not a URL of the form redis://[user:password@]host:port/database or rediss://…"

    /// Throws ``RedisError/Code/invalidConfiguration``, without quoting the URL.
    init(_ url: String) throws(RedisError) {
        if url.hasPrefix("redis://") {
            isEncrypted = false
        } else if url.hasPrefix("rediss://") {
            isEncrypted = true
        } else {
            throw Self.problem()
        }
        guard url.unicodeScalars.allSatisfy({ (0x21...0x7e).contains($0.value) }) else { throw Self.problem() }
        var rest = url.drop { $0 != "/" }.dropFirst(2)

        let query = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        rest = query[0]
        var certificates: String?
        for parameter in query.dropFirst().flatMap({ $0.split(separator: "&") }) {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0] == "cacert", let path = Self.decoded(pair[1]), isEncrypted else {
                throw Self.problem("its only parameter is cacert=FILE, with rediss://")
            }
            certificates = path
        }
        trustedCertificatesPath = certificates

        let path = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = path[0]
        if path.count == 2, !path[1].isEmpty {
            guard let number = Int(path[1]), (0...1_000_000).contains(number), path[1].allSatisfy(\.isNumber) else {
                throw Self.problem("the database must be a number")
            }
            database = number
        } else {
            database = 0
        }

        var place = authority
        if let at = authority.lastIndex(of: "@") {
            place = authority[authority.index(after: at)...]
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = Self.decoded(credentials[0]) else { throw Self.problem() }
            if credentials.count == 2 {
                guard let second = Self.decoded(credentials[1]), !second.isEmpty else {
                    throw Self.problem("the password is empty")
                }
                (user, password) = (first.isEmpty ? nil : first, second)
            } else {
                (user, password) = (first, nil)
            }
        } else {
            (user, password) = (nil, nil)
        }
        (host, port) = try Self.hostAndPort(place)
    }

    private static func hostAndPort(_ place: Substring) throws(RedisError) -> (String, Int) {
        var name = place
        var port: Substring?
        if place.first == "[", let end = place.firstIndex(of: "]") {
            name = place[place.index(after: place.startIndex)..<end]
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw problem() }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = place.firstIndex(of: ":") {
            (name, port) = (place[..<colon], place[place.index(after: colon)...])
        }
        guard !name.isEmpty, !name.contains("@") else { throw problem("it has no host") }
        guard let port else { return (String(name), 6379) }
        guard let number = Int(port), (1...65535).contains(number), port.allSatisfy(\.isNumber) else {
            throw problem("the port must be a number from 1 to 65535")
        }
        return (String(name), number)
    }

    private static func problem(_ detail: String? = nil) -> RedisError {
        RedisError(.invalidConfiguration, message: detail.map { "\(form): \($0)" } ?? form)
    }

    /// Undoes percent-encoding (RFC 3986 section 2.1); nil when it is none, or no UTF-8.
    private static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
