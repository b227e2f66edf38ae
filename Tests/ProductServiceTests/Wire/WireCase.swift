// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// Bytes for the wire and the statuses that must come back, whole and split at every byte.
struct WireCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let statuses: [Int]
    var bodiless: Set<Int> = []
    var endsHalf = false
    /// How many times the client is told to go on and send the body.
    var continues = 0
    /// What the first answer's `Allow` must be.
    var allow: String?

    var testDescription: String { name }

    /// A request, and behind it one that must not be executed: the connection ends at the first.
    static func refused(_ name: String, _ request: String, _ status: Int) -> WireCase {
        refused(name, Array(request.utf8), status)
    }

    static func refused(_ name: String, _ request: [UInt8], _ status: Int) -> WireCase {
        WireCase(name: name, bytes: request + Array(smuggled.utf8), statuses: [status])
    }

    /// A request whose connection stays: one more is answered on it.
    static func answered(_ name: String, _ request: String, _ status: Int, isBodiless: Bool = false) -> WireCase {
        WireCase(
            name: name, bytes: Array((request + last).utf8), statuses: [status, 200], bodiless: isBodiless ? [0] : [])
    }

    /// A method that `/health` does not answer.
    static func notAllowed(_ name: String, _ method: String) -> WireCase {
        var wireCase = answered(name, "\(method) /health HTTP/1.1\r\nHost: a\r\n\r\n", 405)
        wireCase.allow = "GET, HEAD"
        return wireCase
    }

    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    static let last = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Sends the bytes in every way, and checks what comes back each time.
    func check(at port: Int) async throws {
        let wire = WireExchange(port: port)
        try check(try wire.send(bytes, endsHalf: endsHalf), split: 0)
        for (split, answer) in try await wire.sendSplit(bytes, endsHalf: endsHalf) {
            try check(answer, split: split)
        }
    }

    /// Sends the bytes once, for what cannot be done twice.
    func checkWhole(at port: Int) throws {
        try check(try WireExchange(port: port).send(bytes, endsHalf: endsHalf), split: 0)
    }

    private func check(_ answer: [UInt8], split: Int) throws {
        let place: Comment = "\(name), split at \(split): \(String(decoding: answer.prefix(600), as: UTF8.self))"
        let responses = try HTTPMessage.Response.all(in: answer, bodiless: bodiless)
        #expect(responses.filter { $0.status >= 200 }.map(\.status) == statuses, place)
        #expect(responses.count { $0.status == 100 } == continues, place)
        if let allow { #expect(responses.first?.header("Allow") == allow, place) }
        for response in responses where response.status >= 200 {
            #expect(response.header("X-Request-Id")?.isEmpty == false, place)
            #expect(response.header("X-Content-Type-Options") == "nosniff", place)
            #expect(response.header("Date") != nil, place)
            if response.status >= 400, !response.body.isEmpty {
                #expect(response.header("Content-Type") == "application/problem+json", place)
                #expect(try response.member("status", as: Int.self) == response.status, place)
                for member in ["type", "title", "detail", "instance"] {
                    #expect(try !response.member(member, as: String.self).isEmpty, place)
                }
            }
        }
        #expect(responses.last?.header("Connection") == "close" || endsHalf, place)
    }
}
