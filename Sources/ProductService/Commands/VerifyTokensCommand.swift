// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import Edge
import JWT

/// Says of tokens whether the service would take them, and why not.
struct VerifyTokensCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-tokens",
        abstract: "Say of each token on standard input, one a line, whether the service takes it, and why not.",
        discussion: """
            What clients are never told. Tokens are read from standard input, as arguments can be seen by others. Exits \
            with 0 when all are taken, with 1 when one is not.
            """)

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) throws -> Chassis.ExitCode {
        let keys = try TokenKeys(configuration.authentication).current
        let verifier = TokenVerifier(policy: configuration.authentication.policy)
        var areAllTaken = true
        while let line = readLine() {
            do throws(TokenError) {
                let claims = try verifier.verify(line, with: keys, at: WallTime.now())
                print("ok subject=\(claims.subject) scope=\(claims.scope)")
            } catch {
                areAllTaken = false
                print("\(error.code.rawValue): \(error)")
            }
        }
        return areAllTaken ? .stopped : .failed
    }
}
