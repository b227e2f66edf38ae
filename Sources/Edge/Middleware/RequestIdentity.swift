// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import TraceContext

/// Gives every request an id, and every answer an `X-Request-Id` that tells it.
///
/// The client's own `X-Request-Id` is taken over when it is one line of 1 to 128 letters, digits and `-_.:`; anything
/// else is replaced, not repaired. New ids are 32 hexadecimal digits, which do not repeat.
public struct RequestIdentity: EdgeMiddleware {
    private let ids = IDGenerator()

    private static let maximumLength = 128

    public init() {}

    public func receive(_ exchange: inout Exchange) -> Verdict {
        let given = exchange.request.flatMap(acceptableID)
        exchange.requestID = given ?? ids.traceID().description
        exchange.addField(.requestID, exchange.requestID)
        return .proceed
    }

    private func acceptableID(in request: RequestHead) -> String? {
        request.withOnlyValue(ofLowercased: HTTPField.Name.requestID.canonicalName) { id in
            guard (1...Self.maximumLength).contains(id.count), id.allSatisfy(Self.isAcceptable) else { return nil }
            return String(decoding: id, as: UTF8.self)
        }
    }

    private static func isAcceptable(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: ":")
    }
}

extension HTTPField.Name {
    static let requestID = known("X-Request-Id")

    static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
