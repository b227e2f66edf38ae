// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis

/// Prints the settings in force, and where each comes from.
struct ConfigCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the settings in force, secrets redacted, and where each comes from.")

    @OptionGroup var options: CommonOptions

    func run(with configuration: ProductServiceConfiguration) -> Chassis.ExitCode {
        for entry in configuration.entries {
            let value = entry.value.map(entry.key.shown) ?? ""
            print("\(entry.key.environmentName)=\(value)  # \(entry.source)")
        }
        return .stopped
    }
}
