// SPDX-License-Identifier: Apache-2.0

/// Which service writes the log: `service.name` and `service.version` of OpenTelemetry's conventions.
public struct LogIdentity: Sendable, Hashable {
    /// The name of the service: `product-service`.
    public var serviceName: String
    /// Its version: `1.0.0`.
    public var serviceVersion: String

    /// - Parameters:
    ///   - serviceName: The name of the service.
    ///   - serviceVersion: Its version.
    public init(serviceName: String, serviceVersion: String) {
        self.serviceName = serviceName
        self.serviceVersion = serviceVersion
    }
}
