// SPDX-License-Identifier: Apache-2.0

/// The settings among the arguments of a command line: `--http-port 8081` or `--http-port=8081`.
package struct ConfigurationFlags: Sendable {
    /// The values by key; the last one counts when a flag stands twice.
    package private(set) var values: [ConfigurationKey: String] = [:]
    /// The arguments that are no settings, in their order.
    package private(set) var otherArguments: [String] = []

    /// None.
    package init() {}

    /// Separates settings from the other arguments, up to an argument `--`.
    ///
    /// Throws ``ConfigurationProblem`` when a flag has no value behind it.
    package init(arguments: [String], keys: [ConfigurationKey]) throws(ConfigurationProblem) {
        let keysByFlag = Dictionary(keys.map { ($0.flag, $0) }) { first, _ in first }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                otherArguments += [argument] + rest
                return
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let flag = parts.first, let key = keysByFlag[String(flag)] else {
                otherArguments.append(argument)
                continue
            }
            if parts.count == 2 {
                values[key] = String(parts[1])
            } else if let value = rest.popFirst() {
                values[key] = value
            } else {
                throw ConfigurationProblem(key: key.flag, detail: "needs a value behind it: \(key.summary)")
            }
        }
    }
}
