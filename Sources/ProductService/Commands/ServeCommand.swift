// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Serves the catalogue until a signal asks it to stop.
struct ServeCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the catalogue over HTTP; the default command.",
        discussion: ProductServiceCommand.settings)

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) async throws -> Chassis.ExitCode {
        try await ProductServiceAssembly(configuration).serve(until: TerminationSignals())
    }
}
