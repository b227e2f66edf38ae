// SPDX-License-Identifier: Apache-2.0

/// What a responder, and whatever it calls, may know of the exchange it works for. Thread-safe.
///
/// Log lines get the request's id from here, by a metadata provider, without any handler having to pass it on.
public final class ExchangeScope: Sendable {
    /// The exchange that the running task works for.
    @TaskLocal public static var current: ExchangeScope?

    /// The request's id, as in `X-Request-Id` and the access log.
    public let requestID: String

    init(requestID: String) { self.requestID = requestID }
}
