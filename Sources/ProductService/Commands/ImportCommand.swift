// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Adds the products of a file to the catalogue.
struct ImportCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add products from newline-delimited JSON.",
        discussion: """
            A line is an object with name, price and perhaps description, which becomes a new product, or a whole product \
            as export writes it, which is restored as it was. Each is checked as the API checks it. Lines are added by \
            the batch; a line that is wrong stops the import behind the lines before it, unless --skip-invalid is given.
            """)

    @Argument(help: "The file to read, or - for standard input.")
    var file: String

    @Flag(help: "Go on behind lines that are wrong.")
    var skipInvalid = false

    @Flag(help: "Check the lines and add nothing.")
    var dryRun = false

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) async throws -> Chassis.ExitCode {
        guard let lines = LineReader(path: file) else {
            StandardError.write(
                "product-service: cannot read \(file): give a file that exists, or - for standard input\n")
            return .failed
        }
        if dryRun { return await importer(into: nil).run(lines) }
        return try await ProductServiceAssembly(configuration).withStore { store in
            await importer(into: store).run(lines)
        }
    }

    private func importer(into store: (any ProductStore.Repository)?) -> ProductImporter {
        ProductImporter(store: store, skipsInvalid: skipInvalid, source: file, report: StandardError.write)
    }
}
