// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import Edge
import Foundation

/// Which variables the environment may hold, as a JSON Schema (draft 2020-12), so that what deploys the service can be
/// checked against it: names, defaults, and beside them the paths of the probes and the commands.
struct SettingsSchema: Encodable {
    /// What is known of one variable. Values of an environment are text.
    struct Property: Encodable {
        let type = "string"
        let description: String
        let `default`: String?
        /// Whether it holds what must not be shown.
        let writeOnly: Bool?
        /// What a value must be, in words.
        let requirement: String
        let flag: String
        /// The key in a file of settings.
        let key: String

        enum CodingKeys: String, CodingKey {
            case type, description, `default`, writeOnly
            case requirement = "x-requirement"
            case flag = "x-flag"
            case key = "x-key"
        }
    }

    private let schema = "https://json-schema.org/draft/2020-12/schema"
    private let title = "The environment of product-service"
    private let type = "object"
    private let additionalProperties = false
    private let properties: [String: Property]
    private let operations = OperationRoutes.routes.map(\.path).filter { !$0.contains("{") }
    private let commands = ProductServiceCommand.configuration.subcommands.compactMap { $0.configuration.commandName }

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case title, type, additionalProperties, properties
        case operations = "x-operations"
        case commands = "x-commands"
    }

    /// - Parameter entries: Every setting, with its default.
    init(_ entries: [ConfigurationReader.Entry]) {
        let pairs = entries.map { entry in
            (
                entry.key.environmentName,
                Property(
                    description: entry.key.summary, default: entry.key.defaultValue,
                    writeOnly: entry.key.redaction == .everything ? true : nil, requirement: entry.requirement,
                    flag: entry.key.flag, key: entry.key.name)
            )
        }
        properties = Dictionary(pairs) { first, _ in first }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
