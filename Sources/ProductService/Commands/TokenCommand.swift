// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import Edge
import JWT

/// Signs a token with the configured key.
struct TokenCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Sign a token with the configured key, and print it.",
        discussion: """
            For trying the service out and for scripts on the same machine. Needs the keys that the service has \
            (JWT_KEYS_FILE, JWT_SECRET_FILE or JWT_SECRET); iss and aud are those that it asks for.
            """)

    @Option(help: "Whom the token is for (sub).")
    var subject: String

    @Option(help: "What it allows, names separated by spaces: products:read, products:write.")
    var scope = "products:read"

    @Option(help: "How long it is valid, such as 15m or 1h; at most JWT_MAX_LIFETIME.")
    var expiresIn = "1h"

    @Option(help: "The kid of the key to sign with; the first of the set if not given.")
    var kid: String?

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) throws -> Chassis.ExitCode {
        let policy = configuration.authentication.policy
        let lifetimes = ConfigurationValueKind.duration(in: .seconds(1) ... .seconds(policy.maximumLifetime))
        guard let lifetime = lifetimes.parse(expiresIn) else {
            throw ValidationError("--expires-in must be \(lifetimes.requirement)")
        }
        let keys = try TokenKeys(configuration.authentication).current
        let now = WallTime.now()
        do {
            let claims = TokenClaims(
                subject: subject, scope: scope, expiresAt: now + lifetime.components.seconds, issuedAt: now,
                issuer: policy.issuer, audience: policy.audience)
            print(try TokenSigner(keys: keys, keyID: kid).sign(claims))
        } catch let error as KeySetError {
            throw ValidationError(error.message)
        } catch is TokenError {
            throw ValidationError(
                "--subject must be 1 to 255 bytes without control characters, --scope names separated by single spaces")
        }
        return .stopped
    }
}
