// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that users of the libraries never resolve or build it.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-microservices", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.16.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        .executableTarget(
            name: "EdgeBenchmark",
            dependencies: [
                .product(name: "Edge", package: "swift-microservices"),
                .product(name: "StructuredLogging", package: "swift-microservices"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "JWT", package: "swift-microservices"),
                .product(name: "PrometheusMetrics", package: "swift-microservices"),
                .product(name: "RateLimiting", package: "swift-microservices"),
                .product(name: "TraceContext", package: "swift-microservices"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "PostgresBenchmark",
            dependencies: [.product(name: "Postgres", package: "swift-microservices")]
        ),
        .executableTarget(
            name: "RedisBenchmark",
            dependencies: [
                .product(name: "Redis", package: "swift-microservices"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "LibraryBenchmark",
            dependencies: [
                .product(name: "JWT", package: "swift-microservices"),
                .product(name: "PrometheusMetrics", package: "swift-microservices"),
                .product(name: "RateLimiting", package: "swift-microservices"),
                .product(name: "TraceContext", package: "swift-microservices"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
