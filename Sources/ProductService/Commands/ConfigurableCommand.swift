// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import Foundation

/// A command that needs settings.
protocol ConfigurableCommand: ParsableCommand {
    var options: CommonOptions { get }

    func run(with configuration: ProductServiceConfiguration) async throws -> Chassis.ExitCode

    /// Reads the settings, then runs with them.
    func run(with flags: ConfigurationFlags) async throws -> Chassis.ExitCode
}

/// The options of every command that needs settings.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("Read settings from a YAML file.", valueName: "file"))
    var configurationFile: String?
}

extension ConfigurableCommand {
    func run(with flags: ConfigurationFlags) async throws -> Chassis.ExitCode {
        try await read(flags)
    }

    /// Runs with the settings of the flags, the environment and the file.
    ///
    /// Throws ``ConfigurationProblems`` when a setting is wrong.
    func read(_ flags: ConfigurationFlags) async throws -> Chassis.ExitCode {
        let configuration = try ProductServiceConfiguration(
            ProductServiceConfiguration.Source(
                flags: flags, environment: ProcessInfo.processInfo.environment, filePath: options.configurationFile))
        return try await run(with: configuration)
    }
}
