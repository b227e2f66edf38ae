// SPDX-License-Identifier: Apache-2.0

import Chassis

/// Where the products are kept.
struct DatabaseConfiguration: Sendable {
    enum Location: Sendable, Hashable {
        /// An embedded database in a file.
        case sqlite(path: String)
        /// In memory, until the process ends.
        case memory
    }

    let location: Location

    init(reading reader: inout ConfigurationReader) {
        location = reader.value(Self.urlKey, as: Self.locationKind)
    }

    static let keys = [urlKey]

    static let urlKey = ConfigurationKey(
        "database.url", default: "sqlite:./data/products.db", redaction: .credentialsOfURL,
        "Where the products are kept: sqlite:PATH, or memory: to lose them at the end.")

    private static var locationKind: ConfigurationValueKind<Location> {
        ConfigurationValueKind(requirement: "sqlite:PATH or memory:") { text in
            if text == "memory:" { return .memory }
            let path = text.hasPrefix("sqlite:") ? text.dropFirst("sqlite:".count) : ""
            return path.isEmpty ? nil : .sqlite(path: String(path))
        }
    }
}
