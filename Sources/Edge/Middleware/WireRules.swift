// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Refuses what is not one well-formed HTTP/1.1 request to a path of this service, before anything looks into it.
///
/// What NIO's decoder has refused already, it answers; beyond that it is strict where the decoder is not: one valid
/// `Host` (RFC 9112 section 3.2), a target in origin or absolute form that is validly percent-encoded UTF-8 without
/// empty or dot segments (section 3.2 and RFC 3986), a body of one told length (section 6.3) within the limit, and no
/// expectation but `100-continue` (RFC 9110 section 10.1.1). Stands behind those that are to see refusals, too.
public struct WireRules: EdgeMiddleware {
    private let maximumBodyByteCount: Int
    private let maximumTargetByteCount: Int

    /// - Parameter configuration: That of the server, for its limits.
    public init(_ configuration: EdgeConfiguration = EdgeConfiguration()) {
        maximumBodyByteCount = configuration.maximumBodyByteCount
        maximumTargetByteCount = configuration.maximumTargetByteCount
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        if let reply = exchange.refusalReply { return .respond(reply) }
        guard let request = exchange.request else { return .proceed }
        if let refusal = refusal(of: request) { return exchange.refuse(refusal) }
        if request.method == .options, request.target == "*" { return .respond(Reply(status: .noContent)) }
        return .proceed
    }

    private func refusal(of request: RequestHead) -> Refusal? {
        if request.method == .connect { return .method }
        if request.targetByteCount > maximumTargetByteCount { return .targetSize }
        if !hasValidHost(request) { return .host }
        if !request.hasValidTarget { return .target }
        if let refusal = refusalOfFraming(request) { return refusal }
        if let expectation = request[.expect], request.minorVersion > 0 {
            guard expectation.lowercased() == "100-continue", request.count(of: .expect) == 1 else {
                return .expectation
            }
        }
        if case .told(let length) = request.bodyLength, length > maximumBodyByteCount { return .bodySize }
        return nil
    }

    private func hasValidHost(_ request: RequestHead) -> Bool {
        if request.minorVersion == 0, !request.contains(lowercased: "host") { return true }
        return request.withOnlyValue(ofLowercased: "host", RequestTarget.isAuthority) ?? false
    }

    /// RFC 9112 section 6.1: a coding but `chunked`, one on HTTP/1.0, or one beside a length may be read in two ways by
    /// two servers along the way, and hide a second request.
    private func refusalOfFraming(_ request: RequestHead) -> Refusal? {
        let codings = request.count(of: .transferEncoding)
        let lengths = request.count(of: .contentLength)
        if codings == 0 {
            guard lengths > 0 else { return nil }
            if case .invalid = request.bodyLength { return .framing }
            return lengths == 1 ? nil : .framing
        }
        let isChunked = codings == 1 && request[.transferEncoding]?.lowercased() == "chunked"
        return isChunked && lengths == 0 && request.minorVersion > 0 ? nil : .framing
    }
}

extension Exchange {
    /// Refuses the request for a reason from the closed set.
    mutating func refuse(_ refusal: Refusal) -> Verdict {
        errorType = refusal.rawValue
        return .respond(Refusals.reply(for: refusal, to: request))
    }
}
