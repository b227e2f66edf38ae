// SPDX-License-Identifier: Apache-2.0

/// Which service writes the log: `service.name` and `service.version` of OpenTelemetry's conventions.
public struct LogIdentity: Sendable, Hashable {
    public var serviceName: String
    public var serviceVersion: String

    public init(serviceName: String, serviceVersion: String) {
        self.serviceName = serviceName
        self.serviceVersion = serviceVersion
    }
}
