// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Brings the database's schema up to date.
struct MigrateCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date, and end.",
        discussion: """
            For where services start with DATABASE_MIGRATE=off. May run several times, and in several places at once: one \
            migrates, the others wait for it. A database that is not there is waited for, for ten seconds.
            """)

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) async throws -> Chassis.ExitCode {
        try await ProductServiceAssembly(configuration).withStore(for: .migrate) { _ in
            StandardError.write("product-service: the schema is up to date\n")
            return .stopped
        }
    }
}
