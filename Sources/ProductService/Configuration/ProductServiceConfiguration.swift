// SPDX-License-Identifier: Apache-2.0

import Chassis

/// Every setting of the service.
struct ProductServiceConfiguration: Sendable {
    let http: HTTPConfiguration
    let eventLoops: EventLoopConfiguration
    let crossOrigin: CrossOriginConfiguration
    let admin: AdminConfiguration
    let authentication: AuthenticationConfiguration
    let rateLimit: RateLimitConfiguration
    let tracing: TracingConfiguration
    let reload: ReloadConfiguration
    let database: DatabaseConfiguration
    let cache: CacheConfiguration
    let log: LogConfiguration
    let shutdown: ShutdownConfiguration
    /// The settings in force, in the order of ``keys``.
    let entries: [ConfigurationReader.Entry]
    /// What the settings were read from, to read them again.
    let source: Source

    /// Where settings come from.
    struct Source: Sendable {
        let flags: ConfigurationFlags
        let environment: [String: String]
        let filePath: String?

        /// Nowhere: every setting has its default.
        static let none = Source(flags: ConfigurationFlags(), environment: [:], filePath: nil)
    }

    /// The keys by what they are about.
    static let areas: [(title: String, keys: [ConfigurationKey])] = [
        ("The API's listener, its limits and deadlines", HTTPConfiguration.keys),
        ("Event loops", EventLoopConfiguration.keys),
        ("Browsers", CrossOriginConfiguration.keys),
        ("Probes and metrics", AdminConfiguration.keys),
        ("Tokens", AuthenticationConfiguration.keys),
        ("Rate limits and proxies", RateLimitConfiguration.keys),
        ("Traces", TracingConfiguration.keys),
        ("The database", DatabaseConfiguration.keys),
        ("The cache", CacheConfiguration.keys),
        ("The log", LogConfiguration.keys),
        ("Reloading", ReloadConfiguration.keys),
        ("Stopping", ShutdownConfiguration.keys),
    ]

    static let keys: [ConfigurationKey] = areas.flatMap(\.keys)

    /// Throws ``ConfigurationProblems`` with everything that is wrong.
    init(_ source: Source) throws(ConfigurationProblems) {
        var reader = ConfigurationReader(
            flags: source.flags, environment: source.environment, filePath: source.filePath, keys: Self.keys)
        self.source = source
        http = HTTPConfiguration(reading: &reader)
        eventLoops = EventLoopConfiguration(reading: &reader)
        crossOrigin = CrossOriginConfiguration(reading: &reader)
        admin = AdminConfiguration(reading: &reader)
        authentication = AuthenticationConfiguration(reading: &reader)
        rateLimit = RateLimitConfiguration(reading: &reader)
        tracing = TracingConfiguration(reading: &reader)
        database = DatabaseConfiguration(reading: &reader)
        cache = CacheConfiguration(reading: &reader, for: database.location)
        log = LogConfiguration(reading: &reader)
        reload = ReloadConfiguration(reading: &reader)
        shutdown = ShutdownConfiguration(reading: &reader)
        if let port = admin.port, port != 0, port == http.port, admin.host == nil || admin.host == http.host {
            reader.note(
                "must differ from HTTP_PORT, or be left unset to serve the probes and the metrics there",
                about: AdminConfiguration.portKey)
        }
        try reader.validate()
        entries = reader.entries
    }
}
