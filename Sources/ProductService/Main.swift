// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import Foundation

/// The process: settings off the command line, the command behind them run, its exit code.
@main
enum Main {
    static func main() async {
        StandardDescriptors.ensureOpen()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            let flags = try ConfigurationFlags(arguments: arguments, keys: ProductServiceConfiguration.keys)
            var command = try ProductServiceCommand.parseAsRoot(flags.otherArguments)
            if let configurable = command as? any ConfigurableCommand {
                exit(try await configurable.run(with: flags).rawValue)
            }
            try command.run()
        } catch let problem as ConfigurationProblem {
            fail([problem])
        } catch let problems as ConfigurationProblems {
            fail(problems.problems)
        } catch {
            ProductServiceCommand.exit(withError: error)
        }
    }

    private static func fail(_ problems: [ConfigurationProblem]) -> Never {
        for problem in problems { StandardError.write("product-service: \(problem)\n") }
        exit(Chassis.ExitCode.configuration.rawValue)
    }
}
