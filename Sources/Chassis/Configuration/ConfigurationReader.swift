// SPDX-License-Identifier: Apache-2.0

import Configuration

/// Reads settings from, in this order, the command line, the environment, a file, and the defaults; collects everything
/// that is wrong with them, so that an operator sees it all at once.
package struct ConfigurationReader {
    /// A setting in force.
    package struct Entry: Sendable, Hashable {
        package let key: ConfigurationKey
        /// The value; nil when there is none and none is needed.
        package let value: String?
        /// Where it comes from, as the operator spells it.
        package let source: String
        /// What a value must be, to stand behind "must be".
        package let requirement: String
    }

    /// What has been read so far, in the order of reading.
    package private(set) var entries: [Entry] = []
    package private(set) var problems: [ConfigurationProblem]

    private let layers: [Layer]

    /// One place settings come from.
    private struct Layer {
        let reader: ConfigReader
        /// How an operator spells a key there.
        let spelling: (ConfigurationKey) -> String
    }

    /// - Parameters:
    ///   - flags: The settings on the command line.
    ///   - environment: The environment's variables. One that is empty counts as unset.
    ///   - filePath: The configuration file, if any.
    ///   - keys: Every key of the service; the file may hold no other.
    package init(
        flags: ConfigurationFlags, environment: [String: String], filePath: String?, keys: [ConfigurationKey]
    ) {
        let file = filePath.map { ConfigurationFile(path: $0, keys: keys) }
        problems = file?.problems ?? []
        let variables = environment.filter { !$0.value.isEmpty }
        layers = [
            Layer(reader: ConfigReader(provider: Self.provider(named: "flags", flags.values))) { $0.flag },
            Layer(reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))) {
                $0.environmentName
            },
            Layer(reader: ConfigReader(provider: Self.provider(named: "file", file?.values ?? [:]))) {
                "\($0.name) in \(filePath ?? "")"
            },
        ]
    }

    private static func provider(named name: String, _ values: [ConfigurationKey: String]) -> InMemoryProvider {
        let pairs = values.map {
            (AbsoluteConfigKey(ConfigKey($0.key.name)), ConfigValue(.string($0.value), isSecret: true))
        }
        return InMemoryProvider(name: name, values: Dictionary(pairs) { first, _ in first })
    }

    /// Reads a setting that need not be there.
    package mutating func optional<Value>(
        _ key: ConfigurationKey, as kind: ConfigurationValueKind<Value>
    ) -> Value? {
        let found = layers.lazy.compactMap { [key] layer in
            layer.reader.string(forKey: ConfigKey(key.name), isSecret: true).map { (layer.spelling(key), $0) }
        }.first
        guard let (source, text) = found ?? key.defaultValue.map({ ("default", $0) }) else {
            entries.append(Entry(key: key, value: nil, source: "unset", requirement: kind.requirement))
            return nil
        }
        entries.append(Entry(key: key, value: text, source: source, requirement: kind.requirement))
        if let value = kind.parse(text) { return value }
        let shown = key.redaction == .nothing ? " (it is '\(text.prefix(100))')" : ""
        problems.append(ConfigurationProblem(key: source, detail: "must be \(kind.requirement)\(shown)"))
        return nil
    }

    /// Reads a setting that has a default. A value that cannot be read is noted as a problem, and the default returned.
    package mutating func value<Value>(
        _ key: ConfigurationKey, as kind: ConfigurationValueKind<Value>
    ) -> Value {
        if let value = optional(key, as: kind) { return value }
        guard let value = key.defaultValue.flatMap(kind.parse) else {
            preconditionFailure("the key \(key.name) has no default of its own kind")
        }
        return value
    }

    /// Notes that values that are each in order do not go together.
    package mutating func note(_ detail: String, about key: ConfigurationKey) {
        let source = entries.last { $0.key == key }?.source ?? key.environmentName
        problems.append(ConfigurationProblem(key: source == "default" ? key.environmentName : source, detail: detail))
    }

    /// Throws ``ConfigurationProblems`` when anything is wrong.
    package func validate() throws(ConfigurationProblems) {
        if !problems.isEmpty { throw ConfigurationProblems(problems) }
    }
}
