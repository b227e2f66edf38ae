// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Prints the settings in force, and where each comes from; or which settings there are.
struct ConfigCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the settings in force, secrets redacted, and where each comes from.",
        discussion: """
            With --schema or --reference it prints which settings there are, whatever is in force: the schema says what the \
            environment may hold, and which paths the probes have, for checks of what deploys the service.
            """)

    @OptionGroup var options: CommonOptions

    @Flag(help: "Print the settings that there are, as a JSON Schema of the environment.")
    var schema = false

    @Flag(help: "Print the settings that there are, as Markdown.")
    var reference = false

    func validate() throws {
        if schema && reference { throw ValidationError("--schema and --reference exclude each other: give one.") }
    }

    func run(with flags: ConfigurationFlags) async throws -> Chassis.ExitCode {
        guard schema || reference else { return try await read(flags) }
        let defaults = try ProductServiceConfiguration(.none)
        print(schema ? try SettingsSchema(defaults.entries).json() : SettingsReference(defaults.entries).markdown)
        return .stopped
    }

    func run(with configuration: ProductServiceConfiguration) -> Chassis.ExitCode {
        for entry in configuration.entries {
            let value = entry.value.map(entry.key.shown) ?? ""
            print("\(entry.key.environmentName)=\(value)  # \(entry.source)")
        }
        return .stopped
    }
}
