// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Every target of this package: Swift 6 language mode, warnings are errors.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests see what their imports bring, too.
let inTests: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "swift-microservices",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "product-service", targets: ["ProductService"]),
        .library(name: "Edge", targets: ["Edge"]),
        .library(name: "JWT", targets: ["JWT"]),
        .library(name: "Postgres", targets: ["Postgres"]),
        .library(name: "PrometheusMetrics", targets: ["PrometheusMetrics"]),
        .library(name: "RateLimiting", targets: ["RateLimiting"]),
        .library(name: "Redis", targets: ["Redis"]),
        .library(name: "RedisRateLimiting", targets: ["RedisRateLimiting"]),
        .library(name: "Resilience", targets: ["Resilience"]),
        .library(name: "StructuredLogging", targets: ["StructuredLogging"]),
        .library(name: "TraceContext", targets: ["TraceContext"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),  // in tests only
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", from: "1.0.0"),  // in tests only
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.29.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.16.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.25.0"),  // in tests only
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // Bottom-up: a target depends only on targets above it. `make layers` checks that.

        // 0 C
        .target(name: "CHiredis", linkerSettings: [.linkedLibrary("hiredis")]),
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(name: "CSHA256"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // 1 mechanisms
        .target(name: "JWT", dependencies: ["CSHA256"], swiftSettings: strict),
        .target(
            name: "PrometheusMetrics",
            dependencies: ["CZlib", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: strict
        ),
        .target(name: "RateLimiting", swiftSettings: strict),
        .target(name: "Resilience", swiftSettings: strict),
        .target(name: "StrictJSON", swiftSettings: strict),
        .target(
            name: "StructuredLogging",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),

        .target(
            name: "TraceContext",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),

        // 2 clients
        .target(
            name: "Postgres",
            dependencies: [
                "CPostgres",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "Redis",
            dependencies: [
                "CHiredis", "Resilience",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "RedisRateLimiting", dependencies: ["RateLimiting", "Redis"], swiftSettings: strict),

        // 3 chassis
        .target(
            name: "Edge",
            dependencies: [
                "JWT", "PrometheusMetrics", "RateLimiting", "StrictJSON", "StructuredLogging", "TraceContext",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Chassis",
            dependencies: [
                "JWT", "PrometheusMetrics", "RateLimiting", "StrictJSON", "StructuredLogging", "Edge",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),

        // 4 domain
        .target(name: "Products", swiftSettings: strict),

        // 5 adapters
        .target(
            name: "ProductStorage",
            dependencies: [
                "Postgres", "Redis", "Products",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("PostgreSQL/Migrations/0001-products.sql"),
                .embedInCode("PostgreSQL/Migrations/0002-cache-outbox.sql"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ProductAPI",
            dependencies: [
                "JWT", "StrictJSON", "Edge", "Chassis", "Products",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: strict
        ),

        // 6 services
        .executableTarget(
            name: "ProductService",
            dependencies: [
                "JWT", "PrometheusMetrics", "RateLimiting", "StrictJSON", "StructuredLogging", "TraceContext",
                "Postgres", "Redis", "RedisRateLimiting", "Chassis", "Edge", "Products", "ProductStorage", "ProductAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),

        // Measures the cache at the repository, which other packages do not see; never a product
        .executableTarget(
            name: "CacheBenchmark",
            dependencies: [
                "Redis", "Products", "ProductAPI", "ProductStorage",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // Test support, never products
        .target(name: "ProductsTesting", dependencies: ["Products"], swiftSettings: strict),
        .target(
            name: "ServiceTesting",
            dependencies: [
                "JWT",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        .target(name: "PostgresTesting", dependencies: ["ServiceTesting"], swiftSettings: strict),
        .target(
            name: "RedisTesting",
            dependencies: [
                "ServiceTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // Tests
        .testTarget(
            name: "RedisTests",
            dependencies: [
                "Redis", "ServiceTesting", "RedisTesting", "ProductsTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "RedisRateLimitingTests",
            dependencies: [
                "RateLimiting", "Redis", "RedisRateLimiting", "ServiceTesting", "RedisTesting",
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(name: "ResilienceTests", dependencies: ["Resilience"], swiftSettings: inTests),
        .testTarget(
            name: "PostgresTests",
            dependencies: [
                "Postgres", "ServiceTesting", "PostgresTesting", "ProductsTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "JWTTests",
            dependencies: [
                "JWT", "ProductsTesting", "ServiceTesting", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "PrometheusMetricsTests",
            dependencies: [
                "PrometheusMetrics", "ServiceTesting", .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "RateLimitingTests",
            dependencies: [
                "RateLimiting", "ProductsTesting",
                .product(name: "StructuredFieldValues", package: "swift-http-structured-headers"),
                .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "StructuredLoggingTests",
            dependencies: ["StructuredLogging", "ServiceTesting", .product(name: "Logging", package: "swift-log")],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "TraceContextTests",
            dependencies: [
                "TraceContext", "ProductsTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "EdgeTests",
            dependencies: [
                "Edge", "StructuredLogging", "TraceContext", "ServiceTesting", "ProductsTesting",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON", "ProductsTesting"], swiftSettings: inTests),
        .testTarget(name: "ProductsTests", dependencies: ["Products", "ProductsTesting"], swiftSettings: inTests),
        .testTarget(
            name: "ChassisTests",
            dependencies: [
                "Edge", "Chassis", "ServiceTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "ProductStorageTests",
            dependencies: [
                "Postgres", "Redis", "Products", "ProductStorage", "ProductsTesting", "PostgresTesting",
                "RedisTesting", "ServiceTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "ProductAPITests",
            dependencies: [
                "Chassis", "Edge", "Postgres", "PrometheusMetrics", "StrictJSON", "Products", "ProductStorage",
                "ProductAPI", "ProductsTesting", "PostgresTesting", "ServiceTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: inTests
        ),
        .testTarget(
            name: "ProductServiceTests",
            dependencies: [
                "ProductService", "JWT", "ServiceTesting", "PostgresTesting", "RedisTesting", "Edge", "Chassis",
                "ProductAPI",
                "ProductsTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: inTests
        ),
    ],
    swiftLanguageModes: [.v6]
)
