// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import JWT
import JWTKit

enum TokenComparisons {
    private struct Payload: JWTPayload {
        let sub: SubjectClaim
        let exp: ExpirationClaim
        let nbf: NotBeforeClaim
        let iss: IssuerClaim
        let aud: AudienceClaim
        let scope: String

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            try nbf.verifyNotBefore()
            try aud.verifyIntendedAudience(includes: "shop")
            guard iss.value == "https://id.example" else {
                throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "issuer")
            }
        }
    }

    private static let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    static func all() async throws -> [Comparison] {
        let now = Int64(Date().timeIntervalSince1970)
        let keys = try KeySet(rawKey: secret)
        let claims = TokenClaims(
            subject: "user-12345", scope: "products:read", expiresAt: now + 3600, notBefore: now - 10,
            issuer: "https://id.example", audience: "shop")
        let token = try TokenSigner(keys: keys).sign(claims)
        print("a token of \(token.utf8.count) bytes")
        let verifier = TokenVerifier(policy: TokenPolicy(issuer: "https://id.example", audience: "shop"))
        let collection = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        let message = [UInt8](repeating: 0x61, count: 200)
        let symmetricKey = SymmetricKey(data: secret)
        func hmac(_ count: Int) {
            for _ in 0..<count { use(HMAC<Crypto.SHA256>.authenticationCode(for: message, using: symmetricKey)) }
        }
        func own(_ authenticator: HMACSHA256) -> (Int) -> Void {
            { count in
                let tag = authenticator.tag(for: message)
                message.withUnsafeBytes { message in
                    tag.withUnsafeBytes { tag in
                        for _ in 0..<count { use(authenticator.isValid(tag: tag, for: message)) }
                    }
                }
            }
        }
        return [
            Comparison(name: "verify a token", peerName: "jwt-kit", bar: 0.5, mostAllocations: 2) { count in
                for _ in 0..<count { use(try await collection.verify(token, as: Payload.self)) }
            } subject: { count in
                for _ in 0..<count { use(try verifier.verify(token, with: keys, at: now)) }
            },
            Comparison(
                name: "HMAC of 200 bytes, prepared key, in Swift", peerName: "swift-crypto", bar: 1.5,
                mostAllocations: 0, peer: hmac, subject: own(HMACSHA256(key: secret, implementation: .portable))),
            Comparison(
                name: "HMAC of 200 bytes, prepared key, the CPU's instructions", peerName: "swift-crypto", bar: 1.0,
                mostAllocations: 0, peer: hmac, subject: own(HMACSHA256(key: secret))),
        ]
    }

    /// Compares the time of a wrong first byte of a tag with that of a wrong last one (dudect: Reparaz, Balasch and
    /// Verbauwhede, DATE 2017): Welch's t over batches in random order; beyond 10 something leaks. Returns whether
    /// nothing does.
    static func tellTiming() -> Bool {
        let authenticator = HMACSHA256(key: secret)
        let message = [UInt8](repeating: 0x61, count: 200)
        let tag = authenticator.tag(for: message)
        var wrong = [tag, tag]
        wrong[0][0] ^= 1
        wrong[1][31] ^= 1
        var samples: [[Double]] = [[], []]
        for _ in 0..<40_000 {
            let kind = Int.random(in: 0...1)
            let begin = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<8 { use(authenticator.isValid(tag: wrong[kind], for: message)) }
            samples[kind].append(Double(DispatchTime.now().uptimeNanoseconds - begin))
        }
        // What the machine did meanwhile is cut off, from both alike.
        let limit = (samples[0] + samples[1]).sorted()[Int(Double(samples[0].count + samples[1].count) * 0.9)]
        let (first, last) = (samples[0].filter { $0 <= limit }, samples[1].filter { $0 <= limit })
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func variance(_ values: [Double]) -> Double {
            let mean = mean(values)
            return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        }
        let t =
            (mean(first) - mean(last))
            / (variance(first) / Double(first.count) + variance(last) / Double(last.count)).squareRoot()
        print(String(format: "time of comparing, first byte wrong against last: t = %.2f (beyond 10 it leaks)", t))
        return abs(t) <= 10
    }
}
