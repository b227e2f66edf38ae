// SPDX-License-Identifier: Apache-2.0

import Chassis

/// Every setting of the service.
struct ProductServiceConfiguration: Sendable {
    let http: HTTPConfiguration
    let crossOrigin: CrossOriginConfiguration
    let admin: AdminConfiguration
    let database: DatabaseConfiguration
    let log: LogConfiguration
    let shutdown: ShutdownConfiguration
    /// The settings in force, in the order of ``keys``.
    let entries: [ConfigurationReader.Entry]

    static let keys =
        HTTPConfiguration.keys + CrossOriginConfiguration.keys + AdminConfiguration.keys + DatabaseConfiguration.keys
        + LogConfiguration.keys + ShutdownConfiguration.keys

    /// Throws ``ConfigurationProblems`` with everything that is wrong.
    init(
        flags: ConfigurationFlags, environment: [String: String], filePath: String?
    ) throws(ConfigurationProblems) {
        var reader = ConfigurationReader(flags: flags, environment: environment, filePath: filePath, keys: Self.keys)
        http = HTTPConfiguration(reading: &reader)
        crossOrigin = CrossOriginConfiguration(reading: &reader)
        admin = AdminConfiguration(reading: &reader)
        database = DatabaseConfiguration(reading: &reader)
        log = LogConfiguration(reading: &reader)
        shutdown = ShutdownConfiguration(reading: &reader)
        if let port = admin.port, port != 0, port == http.port, admin.host == nil || admin.host == http.host {
            reader.note(
                "must differ from HTTP_PORT, or be left unset to serve the probes there",
                about: AdminConfiguration.portKey)
        }
        try reader.validate()
        entries = reader.entries
    }
}
