// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TraceContext

/// What a responder, and whatever it calls, may know of the exchange it works for. Thread-safe.
///
/// Log lines get the request's id from here, by a metadata provider, without any handler having to pass it on.
public final class ExchangeScope: Sendable {
    /// The exchange that the running task works for.
    @TaskLocal public static var current: ExchangeScope?

    /// The request's id, as in `X-Request-Id` and the access log.
    public let requestID: String

    /// Who makes the request; nil when nobody has looked, or need not.
    public let principal: Principal?

    init(requestID: String, principal: Principal?) {
        self.requestID = requestID
        self.principal = principal
    }
}

extension Exchange {
    /// Runs something as the responder's work is run: lines that are logged meanwhile tell the request and its trace.
    func withLogScope(_ body: () -> Void) {
        ExchangeScope.$current.withValue(ExchangeScope(requestID: requestID, principal: principal)) {
            ServiceContext.$current.withValue(serviceContext, operation: body)
        }
    }

    /// What the responder, and whatever it calls, knows of the trace; nil when nobody traces.
    var serviceContext: ServiceContext? {
        guard let trace else { return nil }
        var context = ServiceContext.topLevel
        context.spanContext = trace
        if let baggage { context.baggage = baggage }
        return context
    }
}
