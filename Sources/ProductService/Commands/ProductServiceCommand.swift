// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// The command line of the service.
struct ProductServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product-service",
        abstract: "A product catalogue over HTTP.",
        discussion: settings,
        subcommands: [
            ServeCommand.self, ConfigCommand.self, TokenCommand.self, VerifyTokensCommand.self, HealthcheckCommand.self,
            MigrateCommand.self, ImportCommand.self, ExportCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    /// Every setting, for the help.
    static var settings: String {
        let lines = ProductServiceConfiguration.keys.map { key in
            let note = key.defaultValue.map { " (default: \($0))" } ?? ""
            return "  \(key.flag), \(key.environmentName)\(note)\n      \(key.summary)"
        }
        return """
            SETTINGS, each a flag, an environment variable or, in dotted form (http.port), a key of the file given with \
            --config; a flag outranks the environment, which outranks the file:

            \(lines.joined(separator: "\n"))

            EXIT CODES
              0 stopped as asked   1 failed   3 requests were cut off at the drain limit
              64 wrong usage   65 wrong input   78 wrong setting   128+n ended by a second signal n
            """
    }
}
