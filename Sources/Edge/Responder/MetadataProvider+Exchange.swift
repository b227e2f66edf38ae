// SPDX-License-Identifier: Apache-2.0

public import Logging
import ServiceContextModule
import TraceContext

extension Logger.MetadataProvider {
    /// Tells of the request that the running task works for: `request.id`, and its place in its trace, `trace_id`,
    /// `span_id` and `trace_flags`. Nothing outside of requests.
    ///
    /// Given to a log handler, it puts them into every line of a request, also into those that libraries write.
    public static let exchange = Logger.MetadataProvider {
        var metadata: Logger.Metadata = [:]
        if let scope = ExchangeScope.current { metadata["request.id"] = "\(scope.requestID)" }
        if let span = ServiceContext.current?.spanContext {
            metadata["trace_id"] = "\(span.traceID)"
            metadata["span_id"] = "\(span.spanID)"
            metadata["trace_flags"] = "0\(span.flags.rawValue)"
        }
        return metadata
    }
}
