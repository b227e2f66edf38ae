// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Synchronization

/// Gives every request an id, and every answer an `X-Request-Id` that tells it.
///
/// The client's own `X-Request-Id` is taken over when it is one line of 1 to 128 letters, digits and `-_.:`; anything else
/// is replaced, not repaired. New ids are 32 hexadecimal digits: 16 that are random for the process, and 16 that never
/// repeat within it.
public final class RequestIdentity: EdgeMiddleware {
    private let processPart: UInt64
    private let counter: Atomic<UInt64>

    private static let maximumLength = 128

    /// To be made once for a listener: ids do not repeat within one of these.
    public init() {
        processPart = .random(in: .min ... .max)
        counter = Atomic(.random(in: .min ... .max))
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        let given = exchange.request.flatMap(acceptableID)
        exchange.requestID = given ?? nextID()
        exchange.addField(.requestID, exchange.requestID)
        return .proceed
    }

    private func acceptableID(in request: RequestHead) -> String? {
        guard let id = request[.requestID], (1...Self.maximumLength).contains(id.utf8.count),
            id.utf8.allSatisfy(Self.isAcceptable), request.count(of: .requestID) == 1
        else { return nil }
        return id
    }

    private static func isAcceptable(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: ":")
    }

    private func nextID() -> String {
        let count = counter.add(1, ordering: .relaxed).newValue
        return String(unsafeUninitializedCapacity: 32) { digits in
            Self.write(processPart, to: digits, at: 0)
            Self.write(Self.scattered(count), to: digits, at: 16)
            return 32
        }
    }

    /// A permutation of the 64-bit numbers (the finaliser of SplitMix64, Steele et al. 2014), so that ids that follow each
    /// other do not look alike.
    private static func scattered(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private static func write(_ number: UInt64, to digits: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        for position in 0..<16 {
            let digit = UInt8(number >> UInt64(60 - 4 * position) & 0xf)
            digits[offset + position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}

extension HTTPField.Name {
    static let requestID = known("X-Request-Id")

    static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
