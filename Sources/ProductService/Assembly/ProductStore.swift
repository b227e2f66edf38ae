// SPDX-License-Identifier: Apache-2.0

import Chassis
import Logging
import ProductStorage
import Products
import ServiceLifecycle

/// The store the settings name, with what the service needs to run and to watch it.
struct ProductStore: Sendable {
    typealias Repository = CacheableStore.Repository

    /// The store, as caches see it.
    let cacheable: any CacheableStore
    var repository: any Repository { cacheable.repository }
    /// The same for a command that knows no cache: with `notingWrites`, those that replicas share are told by the
    /// store.
    func repository(notingWrites: Bool) -> any Repository {
        notingWrites ? cacheable.notingRepository : cacheable.repository
    }
    /// Holds the store open while the service runs; nil when there is nothing to hold.
    let service: (any Service)?
    let checks: [HealthCheck]
    /// Opens the store for a command that ends by itself. Returns whether it is in full service.
    let open: @Sendable () async -> Bool
    let close: @Sendable () async -> Void

    /// What a command means to do with the store.
    enum Use: Sendable {
        case serve
        /// Creates and changes nothing.
        case read
        /// Brings the schema up to date, whatever the settings say.
        case migrate
    }

    /// Throws when the process lacks what the store needs.
    init(_ configuration: DatabaseConfiguration, for use: Use = .serve, logger: Logger) throws {
        switch configuration.location {
        case .memory:
            cacheable = InMemoryProductRepository()
            service = nil
            checks = []
            open = { true }
            close = {}
        case .sqlite(let path):
            let store = SQLiteStore(path: path, isReadOnly: use == .read, logger: logger)
            cacheable = store
            service = store
            checks = [Self.databaseCheck { await store.check() }, Self.startCheck { store.hasOpened }]
            open = { await store.open() }
            close = { store.close() }
        case .postgres(let postgres):
            let migrates = use == .migrate || (use == .serve && configuration.migrates)
            let store = try PostgresStore(postgres, schema: migrates ? .migrate : .wait, logger: logger)
            cacheable = store
            service = store
            checks = [Self.databaseCheck { await store.check() }, Self.startCheck { store.hasOpened }]
            open = { await store.open(within: .seconds(10)) }
            close = { await store.close() }
        }
    }

    private static func databaseCheck(
        _ check: @escaping @Sendable () async -> StoreUnavailability?
    ) -> HealthCheck {
        HealthCheck("database", in: [.readiness]) { await check()?.rawValue }
    }

    /// A store that has once been open with its schema in place has started, whatever becomes of it later.
    private static func startCheck(_ hasOpened: @escaping @Sendable () -> Bool) -> HealthCheck {
        HealthCheck("migrated", in: [.startup]) { hasOpened() ? nil : "not open yet" }
    }
}
