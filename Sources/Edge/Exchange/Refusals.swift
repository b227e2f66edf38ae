// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOHTTP1

/// The edge's own answers, each a problem document that says what to do.
enum Refusals {
    /// Every refusal ends the connection but those in `isHarmless`: where the next request begins is no longer known,
    /// or not to be trusted.
    static func reply(for refusal: Refusal, to request: RequestHead?) -> Reply {
        if refusal == .overload { return overload }
        return problem(for: refusal).reply(to: request, closesConnection: !isHarmless(refusal))
    }

    /// Made once: what it takes to refuse a request is taken from those that are served.
    private static let overload = problem(for: .overload).reply()

    /// The answer when the service itself fails.
    static func failure(to request: RequestHead?) -> Reply {
        Problem(status: .internalServerError, detail: "The service failed to answer. Its log says why.")
            .reply(to: request)
    }

    private static func isHarmless(_ refusal: Refusal) -> Bool {
        switch refusal {
        case .overload, .requestTimeout, .clientDeadline: true
        default: false
        }
    }

    /// What an error of NIO's decoder means.
    ///
    /// - Parameters:
    ///   - isTargetTooLong: Whether the request line alone is over the limit.
    ///   - firstByte: What the request began with.
    static func reason(for error: HTTPParserError, isTargetTooLong: Bool, firstByte: UInt8) -> Refusal {
        switch error {
        case .headerOverflow: isTargetTooLong ? .targetSize : .headerSize
        case .invalidMethod: (0x21...0x7e).contains(firstByte) ? .method : .protocol
        case .invalidURL: .target
        case .invalidVersion, .invalidConstant, .paused: .protocol
        case .invalidHeaderToken, .lfExpected: .header
        case .invalidContentLength, .unexpectedContentLength, .invalidChunkSize, .strictModeAssertion: .framing
        default: .header
        }
    }

    private static func problem(for refusal: Refusal) -> Problem {
        switch refusal {
        case .host: bad("Send one Host header field that names a host, and perhaps a port.")
        case .target: bad("The request target is not a path, with a query or without, in valid percent-encoding.")
        case .method: Problem(status: .notImplemented, detail: "The method is not one that is known here.")
        case .framing: bad("The length of the body is not told in one valid way: send Content-Length or chunks.")
        case .header: bad("A header field is malformed.")
        case .headerSize:
            Problem(
                status: .requestHeaderFieldsTooLarge, detail: "The header fields are too many or too long: send less.")
        case .targetSize: Problem(status: .uriTooLong, detail: "The request target is too long: send less.")
        case .bodySize: Problem(status: .contentTooLarge, detail: "The request's body is too long.")
        case .body: bad("The request ended before it was complete.")
        case .expectation:
            Problem(status: .expectationFailed, detail: "No expectation but 100-continue is met here.")
        case .protocol: bad("This is no HTTP/1.1: send HTTP/1.1, in clear.")
        case .headerTimeout: late("The header did not arrive in time: send it at once.")
        case .bodyTimeout: late("The body did not arrive in time: send it faster, or less of it.")
        case .requestTimeout:
            Problem(
                status: .gatewayTimeout, detail: "The answer was not ready in time. Try again.",
                headers: [.retryAfter: "1"])
        case .clientDeadline:
            Problem(status: .gatewayTimeout, detail: "The answer was not ready in the time that the request allowed.")
        case .overload:
            Problem(
                status: .serviceUnavailable, detail: "There are too many requests at the moment. Try again.",
                headers: [.retryAfter: "1"])
        }
    }

    private static func bad(_ detail: String) -> Problem { Problem(status: .badRequest, detail: detail) }

    private static func late(_ detail: String) -> Problem { Problem(status: .requestTimeout, detail: detail) }
}
