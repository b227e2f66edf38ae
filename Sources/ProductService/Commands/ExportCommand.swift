// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Writes every product of the catalogue.
struct ExportCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write every product to standard output as newline-delimited JSON, oldest first.",
        discussion:
            "What import reads. May run beside the service; a product changed meanwhile is written as it was or is.")

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) async throws -> Chassis.ExitCode {
        try await ProductServiceAssembly(configuration).withStore(for: .read) { store in
            await ProductExporter(store: store, report: StandardError.write).run()
        }
    }
}
