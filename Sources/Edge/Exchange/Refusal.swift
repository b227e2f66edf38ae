// SPDX-License-Identifier: Apache-2.0

/// Why the edge refuses a request: a closed set, fit for the label of a metric.
public enum Refusal: String, Sendable, Hashable, CaseIterable {
    /// No `Host`, two, or one that is none.
    case host
    /// The request line: target, version or form.
    case target
    /// The method is none that is known.
    case method
    /// `Content-Length` and `Transfer-Encoding` do not say one thing.
    case framing
    /// A header field is malformed.
    case header
    /// Too many header fields, or too long.
    case headerSize = "header_size"
    /// The target is too long.
    case targetSize = "target_size"
    /// The body is over the limit.
    case bodySize = "body_size"
    /// The body ended early.
    case body
    /// An `Expect` that is not `100-continue`.
    case expectation
    /// The bytes are not HTTP/1: TLS, HTTP/2 or anything else.
    case `protocol`
    /// The header did not arrive in time.
    case headerTimeout = "header_timeout"
    /// The body did not arrive in time.
    case bodyTimeout = "body_timeout"
    /// The service did not answer in time.
    case requestTimeout = "request_timeout"
    /// The client had said that it waits no longer.
    case clientDeadline = "client_deadline"
    /// Too many requests in flight.
    case overload
}
